/** Collects checked events into the columns of an EventBatch, their lines in one growing buffer. */
import { dedupKeyBytes } from './dedup-key.ts'
import type { EventBatch } from './event-batch.ts'
import { EventNames } from './event-names.ts'
import { GrowingBytes } from './growing-bytes.ts'

/** An EventBatch before its project is known. */
export type BatchColumns = Omit<EventBatch, 'projectId' | 'timeZone'>

/** Estimates, for events of 300 bytes: where an event is shorter, the buffers grow. */
const stampedShare = 1.15
const keysShare = dedupKeyBytes / 300

export class BatchBuilder {
  /** The next event's line is written to its end, then `add` says whose it is. */
  readonly lines: GrowingBytes
  readonly names = new EventNames()
  readonly #lineEnds: number[] = []
  readonly #timesMs: number[] = []
  readonly #nameIndexes: number[] = []
  readonly #keys: GrowingBytes

  /** @param bodyBytes what the events came in: their lines and the stamps take little more */
  constructor(bodyBytes: number) {
    this.lines = new GrowingBytes(Math.ceil(bodyBytes * stampedShare))
    this.#keys = new GrowingBytes(Math.ceil(bodyBytes * keysShare))
  }

  add(nameIndex: number, timeMs: number, key: string): void {
    this.#lineEnds.push(this.lines.length)
    this.#timesMs.push(timeMs)
    this.#nameIndexes.push(nameIndex)
    this.#keys.appendLatin1(key)
  }

  finish(): BatchColumns {
    return {
      count: this.#lineEnds.length,
      lines: this.lines.finish(),
      lineEnds: new Uint32Array(this.#lineEnds),
      timesMs: new Float64Array(this.#timesMs),
      names: this.names.names,
      nameIndexes: new Uint16Array(this.#nameIndexes),
      dedupKeys: this.#keys.finish(),
    }
  }
}

/** Buffers that move with the columns from thread to thread. */
export function buffersOf(columns: BatchColumns): ArrayBuffer[] {
  return [
    columns.lines.buffer,
    columns.lineEnds.buffer,
    columns.timesMs.buffer,
    columns.nameIndexes.buffer,
    columns.dedupKeys.buffer,
  ]
}
