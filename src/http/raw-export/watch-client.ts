/** Ends an answer that nobody waits for any more, or that nobody reads. */
import type { FastifyReply } from 'fastify'

export interface ClientLimits {
  /** How long a client may take nothing. */
  stallMs: number
  /** How long an answer may take in all. */
  totalMs: number
}

export interface ClientWatch {
  /** Aborted when the client is gone, or takes too long. */
  signal: AbortSignal
  stop(): void
  /** The same chunks; a client that doesn't come for the next one in time is cut off. */
  guard(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer>
}

export function watchClient(reply: FastifyReply, { stallMs, totalMs }: ClientLimits): ClientWatch {
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  const cut = (): void => {
    stop()
    reply.raw.destroy()
  }
  const total = setTimeout(cut, totalMs)
  // The server's own limit for a silent connection would count the time in which a day is planned as the client's.
  reply.raw.setTimeout(0)
  reply.raw.once('close', () => {
    clearTimeout(total)
    stop()
  })
  return {
    signal: stopping.signal,
    stop,
    guard: async function* (chunks) {
      for await (const chunk of chunks) {
        const stalled = setTimeout(cut, stallMs)
        try {
          yield chunk
        } finally {
          clearTimeout(stalled)
        }
      }
    },
  }
}
