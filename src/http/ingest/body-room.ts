/**
 * Room for the bodies that come, and for those that wait to be worked on. When it is full, the project makes room that holds
 * the most of it, with the body that has held the most for the longest time.
 */
import type { Clock } from '../../clock.ts'
import { RetryLater } from './retry-later.ts'
import type { RoomOwner } from './room-owner.ts'

export interface Body {
  owner: RoomOwner
  bytes: number
  sinceMs: number
  cut(reason: RetryLater): void
}

export interface BodyRoom {
  hold(body: Body, phase: 'receiving' | 'waiting'): void
  /** False where it was let go before. */
  letGo(body: Body): boolean
  cut(body: Body): void
  /** Cuts until what is held fits. One body that is alone passes, however small the room is. */
  cutUntilRoom(): void
}

/** What comes of one project, and what of it waits. */
interface Held {
  bytes: number
  receiving: Set<Body>
  waiting: Set<Body>
}

export function createBodyRoom(bytesMax: number, clock: Clock): BodyRoom {
  const heldBy = new Map<RoomOwner, Held>()
  let heldInAll = 0

  const letGo = (body: Body): boolean => {
    const held = heldBy.get(body.owner)
    if (held === undefined || !(held.receiving.delete(body) || held.waiting.delete(body))) return false
    held.bytes -= body.bytes
    heldInAll -= body.bytes
    if (held.receiving.size + held.waiting.size === 0) heldBy.delete(body.owner)
    return true
  }
  const cut = (body: Body): void => {
    letGo(body)
    body.cut(crowded())
  }
  return {
    letGo,
    cut,
    hold: (body, phase) => {
      const held = heldBy.get(body.owner) ?? { bytes: 0, receiving: new Set(), waiting: new Set() }
      heldBy.set(body.owner, held)
      held[phase].add(body)
      held.bytes += body.bytes
      heldInAll += body.bytes
    },
    cutUntilRoom: () => {
      while (heldInAll > bytesMax) {
        const body = mostDispensable(heldBy.values(), clock.nowMs())
        if (body === undefined || body.bytes === heldInAll) return
        cut(body)
      }
    },
  }
}

/** Of the project that holds the most: the body that has held the most of it, else the one that has waited the least. */
function mostDispensable(held: Iterable<Held>, nowMs: number): Body | undefined {
  let largest: Held | undefined
  for (const one of held) if (largest === undefined || one.bytes > largest.bytes) largest = one
  if (largest === undefined) return undefined
  return longestHeld(largest.receiving, nowMs) ?? [...largest.waiting].at(-1)
}

/** By bytes times the time for which they were held: a body that comes at once is never the first to go. */
function longestHeld(receiving: Iterable<Body>, nowMs: number): Body | undefined {
  let longest: Body | undefined
  let most = -1
  for (const body of receiving) {
    const held = body.bytes * Math.max(0, nowMs - body.sinceMs)
    if (body.bytes === 0 || held <= most) continue
    longest = body
    most = held
  }
  return longest
}

export function crowded(): RetryLater {
  return new RetryLater(
    'INGEST_OVERLOADED',
    'too many requests are being taken in at once; nothing of this one was stored: send it again in a moment',
    1,
  )
}
