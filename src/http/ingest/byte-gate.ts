import { requestBytesMax } from '../../data/ingest/limits.ts'
import { RetryLater } from './retry-later.ts'

/** Bounds the bytes of the requests that are being taken in, so that a crowd of clients can't fill the memory. */
export interface ByteGate {
  /** Runs `work` while its bytes count as taken, or refuses. */
  pass<Result>(bytes: number, work: () => Promise<Result>): Promise<Result>
}

export function createByteGate(bytesMax: number): ByteGate {
  let inFlight = 0
  return {
    pass: async (bytes, work) => {
      // One request always passes, however small the gate is.
      if (inFlight > 0 && inFlight + bytes > bytesMax) throw crowded()
      inFlight += bytes
      try {
        return await work()
      } finally {
        inFlight -= bytes
      }
    },
  }
}

function crowded(): RetryLater {
  return new RetryLater(
    'INGEST_OVERLOADED',
    'too many requests are being taken in at once; nothing of this one was stored: send it again in a moment',
    1,
  )
}

/** JSON of events packs about this many times smaller. */
const inflation = 8

/** What a request may hold in memory, as far as its headers tell. */
export function bytesExpected(
  contentLength: string | undefined,
  contentEncoding: string | undefined,
): number {
  const length = contentLength === undefined ? requestBytesMax : Number(contentLength)
  return Math.min(contentEncoding === undefined ? length : length * inflation, requestBytesMax)
}
