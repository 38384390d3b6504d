/** One try at one request. */
import type { Clock } from '../../clock.ts'
import { type ImportAnswer, listsFailed, parseAnswer, readSentence } from './import-answer.ts'
import { answerUnexpected, requestRefused, serverUntrusted } from './import-errors.ts'
import { parseRetryAfter } from './retry-delay.ts'

export interface ImportTarget {
  /** The whole URL of /import. */
  url: URL
  authorization: string
}

/** The server's judgement; or why the same request may be sent again; or why fewer events must share one. */
export type Posted =
  | { answer: ImportAnswer }
  | { again: string; retryAfterMs: number | undefined }
  | { tooLarge: string }

export interface PostDeps {
  clock: Clock
}

export interface PackedBatch {
  gzip: Uint8Array<ArrayBuffer>
  eventCount: number
  /** What its events are called in a message. */
  name: string
}

/** A server that has not answered by then has lost the request. */
const answerTimeMsMax = 120_000

/** Throws where sending the request again would change nothing. */
export async function postBatch(target: ImportTarget, batch: PackedBatch, deps: PostDeps): Promise<Posted> {
  const received = await exchange(target, batch.gzip)
  if ('again' in received) return { again: received.again, retryAfterMs: undefined }
  const { response, text } = received
  const { status } = response
  if (status === 200 || (status === 400 && listsFailed(text))) {
    const answer = parseAnswer(status, text, batch.eventCount)
    if (answer === undefined) throw answerUnexpected(target.url, batch.name, status)
    return { answer }
  }
  const sentence = readSentence(text)
  // What bounds a request differs: bytes, events, or how many objects they hold.
  if (status === 413 && (sentence !== undefined || batch.eventCount > 1)) {
    return { tooLarge: sentence ?? 'request too large' }
  }
  const said = sentence === undefined ? `${status}` : `${status}: ${sentence}`
  if (!mayPass(status)) throw requestRefused(target.url, batch.name, said, response.headers.get('location'))
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), deps.clock.nowMs())
  return { again: `the server answers ${said}`, retryAfterMs }
}

type Exchange = { response: Response; text: string } | { again: string }

async function exchange(target: ImportTarget, body: Uint8Array<ArrayBuffer>): Promise<Exchange> {
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: {
        authorization: target.authorization,
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
      },
      body,
      // Followed, a redirection would turn the request into a GET.
      redirect: 'manual',
      signal: AbortSignal.timeout(answerTimeMsMax),
    })
    return { response, text: await response.text() }
  } catch (error) {
    const { code, message } = networkTrouble(error)
    if (certificateCodes.test(code)) throw serverUntrusted(target.url, message, error)
    return { again: `the server can't be reached: ${message}` }
  }
}

/** Too slow, too many, or trouble of the server's own. */
function mayPass(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** fetch says no more than "fetch failed": what happened is in the cause, or in the first of several. */
function networkTrouble(error: unknown): { code: string; message: string } {
  const outer = error instanceof Error ? error : new Error(String(error))
  const cause = outer.cause instanceof AggregateError ? outer.cause.errors[0] : outer.cause
  if (!(cause instanceof Error)) return { code: '', message: outer.message }
  return { code: 'code' in cause ? String(cause.code) : '', message: cause.message }
}

/** A certificate that is not trusted now will not be trusted in a minute. */
const certificateCodes = /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF|SELF_SIGNED_CERT|UNABLE_TO_(?:GET|VERIFY))/
