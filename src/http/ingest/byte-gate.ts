/**
 * Bounds the bytes of the requests that are being taken in, so that a crowd of clients can't fill the memory, and no
 * project's requests keep another's out.
 *
 *   standing ──nothing of its project waits──▶ receiving ──the body is whole──▶ waiting ──there is room──▶ working ──▶ gone
 *       └──its time is up──▶ refused             └──its room goes to others──▶ cut ◀───┘
 *
 * A request stands, unread, while others of its project wait (standing-room.ts). Bodies that come or wait share a quarter of the bytes (body-room.ts), those that are worked on have the rest
 * (working-room.ts). What works needs nothing of the others and ends by itself, so whatever waits for it gets its turn. What
 * a client announces takes no room, what it has sent does. So bodies that stall keep nobody out, however many they are.
 */
import type { Clock } from '../../clock.ts'
import { requestBytesMax } from '../../data/ingest/limits.ts'
import type { ProjectId } from '../../ids.ts'
import { type Body, type BodyRoom, createBodyRoom, crowded } from './body-room.ts'
import type { RetryLater } from './retry-later.ts'
import type { RoomOwner } from './room-owner.ts'
import { createStandingRoom } from './standing-room.ts'
import { createWorkingRoom, type WorkingRoom } from './working-room.ts'

export interface ByteGate {
  /**
   * Takes a request in; its bytes count until `takeIn` has settled.
   * @param unread undefined: there is no body
   * @throws RetryLater INGEST_OVERLOADED where others of this project wait for room, and go on doing so
   */
  pass<Result>(
    owner: RoomOwner,
    takeIn: (passage: Passage) => Promise<Result>,
    unread?: Unread,
  ): Promise<Result>
}

/** A body of which nothing has been read. */
interface Unread {
  /** As its sender announces them. */
  bytes: number
  /** Has its sender keep what has not come yet, until somebody reads it. */
  pause(): void
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
  /** How long a request stands unread before it is refused. */
  standingMsMax: number
}

const receivingShare = 1 / 4
/** Of those that come, the bytes of one project's that stood before. */
const comingShare = 1 / 16
/** Beside the others: a stream of Node's has been given about so much of a body before its connection is paused. */
const standingShare = 1 / 8
const standingBytes = 64 * 1024

export function createByteGate(options: ByteGateOptions): ByteGate {
  const { clock, bytesMax, projectPercentMax, standingMsMax } = options
  const workingBytesMax = bytesMax * (1 - receivingShare)
  const standing = createStandingRoom({
    msMax: standingMsMax,
    countMax: (bytesMax * standingShare) / standingBytes,
    comingBytesMax: bytesMax * comingShare,
  })
  const working = createWorkingRoom(
    workingBytesMax,
    (workingBytesMax * projectPercentMax) / 100,
    standing.letIn,
  )
  const bodies = createBodyRoom(bytesMax * receivingShare, clock)
  /** @returns to be called once the body has come */
  const comeIn = async (owner: RoomOwner, { bytes, pause }: Unread): Promise<() => void> => {
    pause()
    if (!(await standing.stand(owner, bytes))) throw crowded()
    return once(() => standing.hasCome(owner, bytes))
  }
  return {
    pass: async (owner, takeIn, unread = nothing) => {
      const isCrowded = owner !== undefined && working.isWaitedFor(owner)
      const hasCome = isCrowded ? await comeIn(owner, unread) : () => {}
      const body: Body = { owner, bytes: 0, sinceMs: clock.nowMs(), cut: () => {} }
      let workBytes = 0
      const work = async (bytes: number): Promise<void> => {
        hasCome()
        if (!bodies.letGo(body)) throw crowded()
        await waitForRoom(bodies, working, body, bytes)
        workBytes = bytes
      }
      bodies.hold(body, 'receiving')
      try {
        return await takeIn({ ...receiving(bodies, working, body), work })
      } finally {
        hasCome()
        bodies.letGo(body)
        working.giveBack(body.owner, workBytes)
        // Also where it never waited for room: what stands of its project may take its place.
        if (!working.isWaitedFor(body.owner)) standing.letIn(body.owner)
      }
    },
  }
}

const nothing: Unread = { bytes: 0, pause: () => {} }

function once(call: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) call()
    isDone = true
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
