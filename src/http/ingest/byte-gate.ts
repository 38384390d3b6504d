/**
 * Bounds the bytes of the requests that are being taken in, so that a crowd of clients can't fill the memory.
 *
 *   receiving ──the body is whole──▶ waiting ──there is room──▶ working ──▶ gone
 *       └──its room goes to others──▶ cut
 *
 * Bodies that come or wait share a quarter of the bytes, those that are worked on have the rest. What works needs nothing of
 * the others and ends by itself, so whatever waits for it gets its turn. What a client announces takes no room, what it has
 * sent does: when the quarter is full, the body is cut that has held the most for the longest time. So bodies that stall
 * keep nobody out, however many they are.
 */
import type { Clock } from '../../clock.ts'
import { requestBytesMax } from '../../data/ingest/limits.ts'
import { RetryLater } from './retry-later.ts'

export interface ByteGate {
  /**
   * Takes a request in; its bytes count until `takeIn` has settled.
   * @throws RetryLater INGEST_OVERLOADED where others wait for room already
   */
  pass<Result>(takeIn: (passage: Passage) => Promise<Result>): Promise<Result>
}

/** One request on its way through the gate. */
export interface Passage {
  /** Counts memory that the body has come to take, beside what was counted before. */
  receive(bytes: number): void
  /** `cut` is called when the body has to make room: the request is refused for the reason, and its bytes are let go. */
  whenCut(cut: (reason: RetryLater) => void): void
  /** Resolves when there is room to work on so many bytes, which count instead of the body's from then on. */
  work(bytes: number): Promise<void>
}

const receivingShare = 1 / 4

interface Body {
  bytes: number
  sinceMs: number
  cut(reason: RetryLater): void
}

export function createByteGate(bytesMax: number, clock: Clock): ByteGate {
  const working = createWorkingRoom(bytesMax * (1 - receivingShare))
  const receiving = new Set<Body>()
  /** Of those that are received and of those that wait. */
  let bodyBytes = 0

  const letGo = (body: Body): void => {
    receiving.delete(body)
    bodyBytes -= body.bytes
    body.bytes = 0
  }
  const cutUntilRoom = (): void => {
    while (bodyBytes > bytesMax * receivingShare) {
      const body = longestHeld(receiving, clock.nowMs())
      // One that is alone passes, however small the gate is.
      if (body === undefined || body.bytes === bodyBytes) return
      letGo(body)
      body.cut(crowded())
    }
  }
  const pass = async <Result>(takeIn: (passage: Passage) => Promise<Result>): Promise<Result> => {
    if (working.isWaitedFor()) throw crowded()
    const body: Body = { bytes: 0, sinceMs: clock.nowMs(), cut: () => {} }
    let workBytes = 0
    receiving.add(body)
    try {
      return await takeIn({
        receive: (bytes) => {
          if (!receiving.has(body)) return
          body.bytes += bytes
          bodyBytes += bytes
          cutUntilRoom()
        },
        whenCut: (cut) => {
          body.cut = cut
        },
        work: async (bytes) => {
          receiving.delete(body)
          await working.take(bytes)
          workBytes = bytes
          letGo(body)
        },
      })
    } finally {
      letGo(body)
      working.giveBack(workBytes)
    }
  }
  return { pass }
}

/** Room that is given out in the order in which it is asked for. */
function createWorkingRoom(bytesMax: number) {
  const waiting: { bytes: number; begin(): void }[] = []
  let taken = 0
  // One request always passes, however small the room is.
  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= bytesMax
  return {
    isWaitedFor: (): boolean => waiting.length > 0,
    take: async (bytes: number): Promise<void> => {
      if (waiting.length === 0 && fits(bytes)) taken += bytes
      else await new Promise<void>((begin) => waiting.push({ bytes, begin }))
    },
    giveBack: (bytes: number): void => {
      taken -= bytes
      for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
        waiting.shift()
        taken += next.bytes
        next.begin()
      }
    },
  }
}

/** By bytes times the time for which they were held: a body that comes at once is never the first to go. */
function longestHeld(receiving: Iterable<Body>, nowMs: number): Body | undefined {
  let longest: Body | undefined
  let most = -1
  for (const body of receiving) {
    const held = body.bytes * Math.max(0, nowMs - body.sinceMs)
    if (held <= most) continue
    longest = body
    most = held
  }
  return longest
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

/** What work on a body of so many bytes may hold in memory, as far as its headers tell. */
export function bytesToWork(bodyBytes: number, contentEncoding: string | undefined): number {
  return Math.min(contentEncoding === undefined ? bodyBytes : bodyBytes * inflation, requestBytesMax)
}
