/**
 * Server-sent events to whoever keeps a request open:
 *
 *   open ──gone, or reads too slowly──▶ closed      open ──credential over, server stops, too long──▶ `end`, closed
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RequestError } from './pipelines/request-error.ts'

type StreamEnd = 'session_over' | 'server_stopping' | 'too_long' | 'pipeline_gone'

interface EventStream {
  send(event: string, data: unknown): void
  /** Sends why, and closes. */
  end(reason: StreamEnd): void
  /** Aborted when it is closed, for whatever reason. */
  closed: AbortSignal
}

export interface EventStreams {
  /**
   * @param owner whose streams are counted together
   * @param isAllowed asked now and then: false ends the stream; a failure says nothing
   * @throws RequestError 429
   */
  open(reply: FastifyReply, owner: number, isAllowed: () => Promise<boolean>): EventStream
  /** Ends all of them. */
  stop(): void
}

export interface StreamBounds {
  perProjectMax: number
  inAllMax: number
  /** How often a sign of life is sent, and the credential looked at again. */
  heartbeatMs?: number
}

/** Proxies let a silent connection go after a minute, many after half of one. */
const heartbeatMsDefault = 15_000
/** The client calls again: whatever a stream holds is given back once in a while. */
const streamMsMax = 3_600_000
/** What a client has not read yet; one that reads no faster gets no more. */
const unreadBytesMax = 1024 * 1024

export function createEventStreams({
  perProjectMax,
  inAllMax,
  heartbeatMs = heartbeatMsDefault,
}: StreamBounds): EventStreams {
  const streams = new Map<EventStream, number>()
  return {
    open: (reply, owner, isAllowed) => {
      const ofOwner = [...streams.values()].filter((each) => each === owner).length
      if (ofOwner >= perProjectMax || streams.size >= inAllMax) throw tooMany()
      const stream = openStream(reply, isAllowed, heartbeatMs)
      streams.set(stream, owner)
      stream.closed.addEventListener('abort', () => streams.delete(stream), { once: true })
      return stream
    },
    stop: () => {
      for (const stream of streams.keys()) stream.end('server_stopping')
    },
  }
}

function openStream(
  reply: FastifyReply,
  isAllowed: () => Promise<boolean>,
  heartbeatMs: number,
): EventStream {
  const { raw } = reply
  const closing = new AbortController()
  reply.hijack()
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // nginx would keep it all back.
    'x-accel-buffering': 'no',
  })
  const write = (text: string): void => {
    if (closing.signal.aborted) return
    raw.write(text)
    if (raw.writableLength > unreadBytesMax) raw.destroy()
  }
  const send = (event: string, data: unknown): void =>
    write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  const end = (reason: StreamEnd): void => {
    send('end', { reason })
    if (!closing.signal.aborted) raw.end()
    closing.abort()
  }
  const heartbeat = setInterval(() => {
    write(':\n\n')
    isAllowed().then(
      (allowed) => allowed || end('session_over'),
      () => undefined,
    )
  }, heartbeatMs)
  const longest = setTimeout(() => end('too_long'), streamMsMax)
  closing.signal.addEventListener('abort', () => {
    clearInterval(heartbeat)
    clearTimeout(longest)
  })
  raw.once('close', () => closing.abort())
  write(':\n\n')
  return { send, end, closed: closing.signal }
}

function tooMany(): RequestError {
  const message = 'as many streams of events are open as may be at once; close one, or try again later'
  return new RequestError(429, 'EVENT_STREAMS_EXCEEDED', message, 10)
}

/** Whether the request's credential still opens what it opened. */
export async function isStillAllowed(
  request: FastifyRequest,
  authenticateAgain: (request: FastifyRequest) => Promise<unknown>,
): Promise<boolean> {
  try {
    await authenticateAgain(request)
    return true
  } catch (error) {
    if (error instanceof RequestError && [401, 403].includes(error.status)) return false
    throw error
  }
}
