/**
 * Room for requests that nobody has begun to read, since others of their project wait for room already. Unread, a body stays
 * with its sender but for what the connection holds. A refusal costs more: all of the body comes to be thrown away, and a
 * client that does not wait sends all of it again.
 *
 *   standing ──let in──▶ coming ──▶ whole, or gone
 *       └──its time is up──▶ refused
 */
import type { RoomOwner } from './room-owner.ts'

export interface StandingRoom {
  /**
   * @param bytes of the body, as its sender announces them
   * @returns whether it may be read; false when its time is up, and at once where too many stand
   */
  stand(owner: RoomOwner, bytes: number): Promise<boolean>
  /** The owner's requests that have stood the longest may be read: as many as may come at once. */
  letIn(owner: RoomOwner): void
  /** A request that was let in has come whole, or is gone. */
  hasCome(owner: RoomOwner, bytes: number): void
}

export interface StandingLimits {
  msMax: number
  /** Of all owners; one has half of it at most. */
  countMax: number
  /** Of an owner's requests that come; one of them always may. */
  comingBytesMax: number
}

interface Standing {
  bytes: number
  end(mayBeRead: boolean): void
}

/** Standing ones in the order in which they came; an owner that has neither has no entry. */
interface Owned {
  standing: Set<Standing>
  comingBytes: number
}

export function createStandingRoom({ msMax, countMax, comingBytesMax }: StandingLimits): StandingRoom {
  const ownedBy = new Map<RoomOwner, Owned>()
  let count = 0

  const ownedOf = (owner: RoomOwner): Owned => {
    const owned = ownedBy.get(owner) ?? { standing: new Set(), comingBytes: 0 }
    ownedBy.set(owner, owned)
    return owned
  }
  const forgetIdle = (owner: RoomOwner, { standing, comingBytes }: Owned): void => {
    if (standing.size === 0 && comingBytes === 0) ownedBy.delete(owner)
  }

  return {
    stand: (owner, bytes) => {
      const owned = ownedOf(owner)
      if (count >= countMax || owned.standing.size >= countMax / 2) {
        forgetIdle(owner, owned)
        return Promise.resolve(false)
      }
      return new Promise((resolve) => {
        const one: Standing = {
          bytes,
          end: (mayBeRead) => {
            clearTimeout(timer)
            owned.standing.delete(one)
            count -= 1
            forgetIdle(owner, owned)
            resolve(mayBeRead)
          },
        }
        const timer = setTimeout(() => one.end(false), msMax)
        owned.standing.add(one)
        count += 1
      })
    },
    letIn: (owner) => {
      const owned = ownedBy.get(owner)
      if (owned === undefined) return
      for (const one of owned.standing) {
        if (owned.comingBytes > 0 && owned.comingBytes + one.bytes > comingBytesMax) return
        owned.comingBytes += one.bytes
        one.end(true)
      }
    },
    hasCome: (owner, bytes) => {
      const owned = ownedOf(owner)
      owned.comingBytes -= bytes
      forgetIdle(owner, owned)
    },
  }
}
