/**
 * Bounds the bytes of the requests that are being taken in, so that a crowd of clients can't fill the memory, and no
 * project's requests keep another's out.
 *
 *   receiving ──the body is whole──▶ waiting ──there is room──▶ working ──▶ gone
 *       └──its room goes to others──▶ cut ◀───┘
 *
 * Bodies that come or wait share a quarter of the bytes (body-room.ts), those that are worked on have the rest
 * (working-room.ts). What works needs nothing of the others and ends by itself, so whatever waits for it gets its turn. What
 * a client announces takes no room, what it has sent does. So bodies that stall keep nobody out, however many they are.
 */
import type { Clock } from '../../clock.ts'
import { requestBytesMax } from '../../data/ingest/limits.ts'
import type { ProjectId } from '../../ids.ts'
import { type Body, type BodyRoom, createBodyRoom, crowded } from './body-room.ts'
import type { RetryLater } from './retry-later.ts'
import type { RoomOwner } from './room-owner.ts'
import { createWorkingRoom, type WorkingRoom } from './working-room.ts'

export interface ByteGate {
  /**
   * Takes a request in; its bytes count until `takeIn` has settled.
   * @throws RetryLater INGEST_OVERLOADED where others of this project wait for room already
   */
  pass<Result>(owner: RoomOwner, takeIn: (passage: Passage) => Promise<Result>): Promise<Result>
}

/** One request on its way through the gate. */
export interface Passage {
  /** Counts memory that the body has come to take, beside what was counted before. */
  receive(bytes: number): void
  /** The project turned out while the body came. The body is cut where others of it wait for room already. */
  belongTo(owner: ProjectId): void
  /** `cut` is called when a body that comes has to make room: it is refused for the reason, and its bytes are let go. */
  whenCut(cut: (reason: RetryLater) => void): void
  /**
   * Resolves when there is room to work on so many bytes, which count instead of the body's from then on.
   * @throws RetryLater INGEST_OVERLOADED where it had to make room for others meanwhile
   */
  work(bytes: number): Promise<void>
}

export interface ByteGateOptions {
  clock: Clock
  /** Of all requests. */
  bytesMax: number
  /** Of the bytes that are worked on, those of one project, in percent. */
  projectPercentMax: number
}

const receivingShare = 1 / 4

export function createByteGate({ clock, bytesMax, projectPercentMax }: ByteGateOptions): ByteGate {
  const workingBytesMax = bytesMax * (1 - receivingShare)
  const working = createWorkingRoom(workingBytesMax, (workingBytesMax * projectPercentMax) / 100)
  const bodies = createBodyRoom(bytesMax * receivingShare, clock)
  return {
    pass: async (owner, takeIn) => {
      if (owner !== undefined && working.isWaitedFor(owner)) throw crowded()
      const body: Body = { owner, bytes: 0, sinceMs: clock.nowMs(), cut: () => {} }
      let workBytes = 0
      const work = async (bytes: number): Promise<void> => {
        if (!bodies.letGo(body)) throw crowded()
        await waitForRoom(bodies, working, body, bytes)
        workBytes = bytes
      }
      bodies.hold(body, 'receiving')
      try {
        return await takeIn({ ...receiving(bodies, working, body), work })
      } finally {
        bodies.letGo(body)
        working.giveBack(body.owner, workBytes)
      }
    },
  }
}

/** What happens to a body while it comes; once it was let go, nothing does. */
function receiving(bodies: BodyRoom, working: WorkingRoom, body: Body): Omit<Passage, 'work'> {
  const change = (changes: Partial<Body>): boolean => {
    if (!bodies.letGo(body)) return false
    Object.assign(body, changes)
    bodies.hold(body, 'receiving')
    return true
  }
  return {
    receive: (bytes) => {
      if (change({ bytes: body.bytes + bytes })) bodies.cutUntilRoom()
    },
    belongTo: (owner) => {
      if (change({ owner }) && working.isWaitedFor(owner)) bodies.cut(body)
    },
    whenCut: (cut) => {
      body.cut = cut
    },
  }
}

function waitForRoom(bodies: BodyRoom, working: WorkingRoom, body: Body, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    bodies.hold(body, 'waiting')
    const takeBack = working.ask(body.owner, bytes, () => {
      bodies.letGo(body)
      resolve()
    })
    body.cut = (reason) => {
      takeBack()
      reject(reason)
    }
  })
}

/** JSON of events packs about this many times smaller. */
const inflation = 8

/** What work on a body of so many bytes may hold in memory, as far as its headers tell. */
export function bytesToWork(bodyBytes: number, contentEncoding: string | undefined): number {
  return Math.min(contentEncoding === undefined ? bodyBytes : bodyBytes * inflation, requestBytesMax)
}
