/** Reads a request's body into one buffer of its own, which can move to a thread. Bounded in bytes, in time and by the gate. */
import type { IncomingMessage } from 'node:http'
import { tooManyBytes } from '../../data/ingest/inflate-body.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { Passage } from './byte-gate.ts'

export interface BodyLimits {
  bytesMax: number
  timeMsMax: number
  passage: Passage
  /** Called once, with the first bytes, as soon as there are this many or the body has ended. */
  begin?: { bytes: number; tell(begin: Uint8Array): void }
}

/** How long what is too much is read and thrown away, so that the client gets to read the answer. */
const discardMsMax = 10_000
const firstBufferBytes = 16 * 1024

export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Uint8Array<ArrayBuffer>> {
  const declaredBytes = Number(request.headers['content-length'] ?? Number.NaN)
  if (declaredBytes > limits.bytesMax) {
    discard(request)
    return Promise.reject(tooLarge())
  }
  // It may have gone while it stood.
  if (request.destroyed) return Promise.reject(clientGone())
  return new Promise((resolve, reject) => {
    const buffer = createBuffer(declaredBytes, limits)
    let { begin } = limits
    const tellBegin = (): void => {
      begin?.tell(buffer.bytes())
      begin = undefined
    }
    const stop = (): void => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
    }
    const fail = (error: PenstockError): void => {
      stop()
      discard(request)
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      if (!buffer.add(chunk)) fail(tooLarge())
      else if (begin !== undefined && buffer.bytes().length >= begin.bytes) tellBegin()
    }
    const onEnd = (): void => {
      stop()
      tellBegin()
      resolve(buffer.bytes())
    }
    const onClose = (): void => fail(clientGone())
    const timer = setTimeout(() => fail(tooSlow(limits.timeMsMax)), limits.timeMsMax)
    limits.passage.whenCut(fail)
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

/** Grows as the bytes come: a client that only announces a large body takes no memory. */
function createBuffer(declaredBytes: number, { bytesMax, passage }: BodyLimits) {
  const expectedMax = Number.isNaN(declaredBytes) ? bytesMax : declaredBytes
  let buffer = new Uint8Array(0)
  let length = 0
  return {
    /** False, and nothing added, where it would be too much. */
    add: (chunk: Uint8Array): boolean => {
      const needed = length + chunk.length
      if (needed > bytesMax) return false
      if (needed > buffer.length) {
        const roomy = Math.max(buffer.length * 2, firstBufferBytes)
        const grown = new Uint8Array(Math.max(needed, Math.min(roomy, expectedMax)))
        grown.set(buffer.subarray(0, length))
        passage.receive(grown.length - buffer.length)
        buffer = grown
      }
      buffer.set(chunk, length)
      length = needed
      return true
    },
    bytes: () => buffer.subarray(0, length),
  }
}

/** Throws away what still comes. Closing at once would reset the connection before the answer has been read. */
function discard(request: IncomingMessage): void {
  // A request that breaks while it is thrown away has been answered already.
  request.on('error', () => {})
  request.resume()
  const timer = setTimeout(() => request.destroy(), discardMsMax).unref()
  request.once('close', () => clearTimeout(timer))
}

function tooLarge(): PenstockError {
  return new PenstockError('caller', 'INGEST_TOO_LARGE', tooManyBytes)
}

function tooSlow(timeMsMax: number): PenstockError {
  const allowed = `the whole body must arrive within ${timeMsMax / 1000} seconds`
  return new PenstockError('caller', 'INGEST_BODY_TIMEOUT', `request body came too slowly: ${allowed}`)
}

function clientGone(): PenstockError {
  return new PenstockError(
    'caller',
    'INGEST_BODY_INVALID',
    'request body ended early: nothing of it was stored',
  )
}
