import type { FastifyReply } from 'fastify'
import type { FailedRecord } from '../../data/ingest/event-problem.ts'
import type { IngestFailure } from './ingest-failure.ts'
import type { TrackOptions } from './track-options.ts'

/** A transparent GIF of one pixel. */
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

/** Answers in the form that was asked for: `error` null when every event is stored. */
export function sendTrackAnswer(
  reply: FastifyReply,
  options: TrackOptions,
  error: string | null,
): FastifyReply {
  const status = error === null ? 1 : 0
  if (options.img) return reply.type('image/gif').send(pixel)
  const text = options.verbose ? JSON.stringify({ status, error }) : String(status)
  if (options.callback)
    return reply.type('text/javascript; charset=utf-8').send(`${options.callback}(${text});`)
  return reply.type(options.verbose ? 'application/json' : 'text/plain; charset=utf-8').send(text)
}

/** A failed request answers like `verbose=1` in any case: its status has told the SDKs, the sentence is for people. */
export function trackFailureBody({ error }: IngestFailure) {
  return { status: 0, error }
}

/** What was refused, in one sentence; null where nothing was. */
export function describeFailed(failed: FailedRecord[], count: number): string | null {
  if (count === 0) return 'data holds no events: send one event or an array of events'
  const first = failed.toSorted((a, b) => a.index - b.index)[0]
  if (first === undefined) return null
  const rest = failed.length === count ? 'nothing was stored' : 'the others are stored'
  return `event ${first.index}: ${first.message} (${failed.length} of ${count} refused; ${rest})`
}
