/**
 * Room for the requests that are worked on. One project gets a share of it at most, and of those that wait the one begins
 * next whose project has the least: what one project sends never keeps another waiting for longer than it takes until
 * something ends.
 */
import type { RoomOwner } from './room-owner.ts'

interface Waiting {
  owner: RoomOwner
  bytes: number
  begin(): void
}

export interface WorkingRoom {
  isWaitedFor(owner: RoomOwner): boolean
  /** Calls `begin`, perhaps at once, when there is room for the bytes. @returns takes it back, if it has not begun */
  ask(owner: RoomOwner, bytes: number, begin: () => void): () => void
  giveBack(owner: RoomOwner, bytes: number): void
}

/**
 * One request always passes, however small room and share are.
 * @param nothingWaits told when the last request of an owner that waited does so no more
 */
export function createWorkingRoom(
  bytesMax: number,
  bytesPerOwnerMax: number,
  nothingWaits: (owner: RoomOwner) => void,
): WorkingRoom {
  /** Of each owner in the order in which they came; an owner that waits for nothing has no entry. */
  const waiting = new Map<RoomOwner, Set<Waiting>>()
  const taken = new Map<RoomOwner, number>()
  let takenInAll = 0

  const takenBy = (owner: RoomOwner): number => taken.get(owner) ?? 0
  const count = (owner: RoomOwner, bytes: number): void => {
    takenInAll += bytes
    const left = takenBy(owner) + bytes
    if (left === 0) taken.delete(owner)
    else taken.set(owner, left)
  }
  const hasShare = ({ owner, bytes }: Waiting): boolean =>
    takenBy(owner) === 0 || takenBy(owner) + bytes <= bytesPerOwnerMax
  /** Of the owners that have not their share yet, the first one's that has the least. */
  const nextInTurn = (): Waiting | undefined => {
    let next: Waiting | undefined
    for (const [first] of waiting.values()) {
      if (first === undefined || !hasShare(first)) continue
      if (next === undefined || takenBy(first.owner) < takenBy(next.owner)) next = first
    }
    return next
  }
  const remove = (one: Waiting): void => {
    const others = waiting.get(one.owner)
    if (others?.delete(one) !== true) return
    // Set anew, the owner goes behind those that have as much.
    waiting.delete(one.owner)
    if (others.size > 0) waiting.set(one.owner, others)
    else nothingWaits(one.owner)
  }
  const beginNext = (): void => {
    for (let next = nextInTurn(); next !== undefined; next = nextInTurn()) {
      // What is large waits for its room, and nothing smaller takes it away.
      if (takenInAll > 0 && takenInAll + next.bytes > bytesMax) return
      remove(next)
      count(next.owner, next.bytes)
      next.begin()
    }
  }

  return {
    isWaitedFor: (owner) => waiting.has(owner),
    ask: (owner, bytes, begin) => {
      const one = { owner, bytes, begin }
      const others = waiting.get(owner)
      if (others === undefined) waiting.set(owner, new Set([one]))
      else others.add(one)
      beginNext()
      return () => {
        remove(one)
        beginNext()
      }
    },
    giveBack: (owner, bytes) => {
      count(owner, -bytes)
      beginNext()
    },
  }
}
