/** What was asked, and how it was answered: `GET /_sandbox/requests` and `…/in-flight`. */
const recordCountMax = 100_000

export interface RequestRecord {
  /** Counts from 1: the order in which requests were answered; 0 until then. */
  n: number
  time: string
  request_id: string
  method: string
  action: string | null
  bucket: string | null
  key: string | null
  /** The role that AssumeRole asked for. */
  role: string | null
  /** The session policy that AssumeRole was sent. */
  session_policy: string | null
  /** Null where the connection was cut without an answer. */
  status: number | null
  code: string | null
  /** The request's own x-amz-server-side-encryption… headers. */
  encryption: Record<string, string>
  /** The ARN of whoever signed, once the signature was verified. */
  principal: string | null
  bytes_in: number
  bytes_out: number
  /** True where a fault struck. */
  fault: boolean
}

/** Keeps the latest 100,000 requests in memory. */
export class RequestLog {
  #records: RequestRecord[] = []
  #count = 0
  readonly #inFlight = new Set<RequestRecord>()

  begin(record: RequestRecord): void {
    this.#inFlight.add(record)
  }

  end(record: RequestRecord): void {
    this.#inFlight.delete(record)
  }

  add(record: RequestRecord): void {
    this.#count++
    record.n = this.#count
    this.#records.push(record)
    // Dropping half at once keeps the cost of dropping away from most requests.
    if (this.#records.length > recordCountMax) this.#records = this.#records.slice(recordCountMax / 2)
  }

  ndjson(): string {
    return toNdjson(this.#records)
  }

  /** What is being worked on, as far as it is known by now. */
  inFlightNdjson(): string {
    return toNdjson([...this.#inFlight].filter(({ action }) => action !== null))
  }
}

function toNdjson(records: RequestRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}
