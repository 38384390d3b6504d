/**
 * A token bucket for each project, in uncompressed bytes. It holds a minute's worth, so that a burst passes and the
 * average over a minute does not. The bucket is shared by all processes; each takes shares of it, of about what the project
 * sends here in a second, and asks again when its share is used up: a request seldom asks.
 */
import type { Clock } from '../../clock.ts'
import type { BytesAnswer, BytesAsk } from '../../control/limits/rate-bucket.ts'
import type { ProjectId } from '../../ids.ts'
import { RetryLater } from './retry-later.ts'

export interface RateLimit {
  /** Refuses a project whose bucket was empty when it was asked last: to be asked before a body is read. */
  check(project: ProjectId): void
  /** Takes the bytes from the bucket, or refuses and takes nothing. */
  take(project: ProjectId, bytes: number): Promise<void>
}

export type TakeFromBucket = (ask: BytesAsk) => Promise<BytesAnswer>

/** What this process has of a project's bucket. */
interface Share {
  bytes: number
  /** Since when it has it, and what was used of it. */
  sinceMs: number
  usedBytes: number
  /** When the bucket was found empty, and for how long it is; 0: it isn't. */
  emptyAtMs: number
  emptyForMs: number
  /** Others wait for its answer. */
  asking: Promise<void> | undefined
}

/** A share is at most what refills in this part of a minute: so much, for each process, may be out when the bucket is full. */
const shareMax = 1 / 60
/** Projects in memory. What is left of a share that is forgotten is lost to its project. */
const projectsMax = 10_000

export function createRateLimit(
  clock: Clock,
  bytesPerMinuteMax: number,
  takeFromBucket: TakeFromBucket,
): RateLimit {
  const shares = new Map<ProjectId, Share>()
  const bytesPerMs = bytesPerMinuteMax / 60_000

  const shareOf = (project: ProjectId): Share => {
    const known = shares.get(project)
    const share = known ?? newShare()
    shares.delete(project)
    shares.set(project, share)
    // A Map keeps its order of insertion: the first is the one that was used longest ago.
    const [oldest] = shares.keys()
    if (shares.size > projectsMax && oldest !== undefined) shares.delete(oldest)
    return share
  }

  const refuse = (waitMs: number): never => {
    const seconds = Math.ceil(waitMs / 1000)
    throw new RetryLater('INGEST_RATE_EXCEEDED', rateExceeded, Math.min(Math.max(seconds, 1), 60))
  }

  /** Takes the bytes, with a share for those that come after. @returns what is missing for that in the bucket */
  const ask = async (project: ProjectId, share: Share, bytes: number): Promise<number> => {
    const nowMs = clock.nowMs()
    const neededBytes = bytes - share.bytes
    const perSecond = (share.usedBytes * 1000) / Math.max(1, nowMs - share.sinceMs)
    const wantedBytes = neededBytes + Math.min(perSecond, bytesPerMinuteMax * shareMax)
    const { grantedBytes, leftBytes } = await takeFromBucket({
      ...{ project, bytesPerMinuteMax, neededBytes, wantedBytes, nowMs },
    })
    const missingBytes = grantedBytes > 0 ? 0 : Math.min(neededBytes, bytesPerMinuteMax) - leftBytes
    if (missingBytes === 0) {
      share.bytes += grantedBytes - bytes
      share.usedBytes = bytes
      share.sinceMs = nowMs
    }
    share.emptyAtMs = nowMs
    share.emptyForMs = leftBytes < 1 ? (1 - leftBytes) / bytesPerMs : 0
    return missingBytes
  }

  return {
    check: (project) => {
      const share = shareOf(project)
      const nowMs = clock.nowMs()
      // A clock that is set back must not make it last longer.
      share.emptyAtMs = Math.min(share.emptyAtMs, nowMs)
      const waitMs = share.emptyAtMs + share.emptyForMs - nowMs
      if (share.bytes < 1 && waitMs > 0) refuse(waitMs)
    },
    take: async (project, bytes) => {
      const share = shareOf(project)
      // Whoever finds too little waits for the answer that is under way, and looks again.
      while (share.bytes < bytes && share.asking !== undefined) await share.asking
      if (share.bytes >= bytes) {
        share.bytes -= bytes
        share.usedBytes += bytes
        return
      }
      const asked = ask(project, share, bytes).finally(() => {
        share.asking = undefined
      })
      share.asking = asked.then(nothing, nothing)
      const missingBytes = await asked
      if (missingBytes > 0) refuse(missingBytes / bytesPerMs)
    },
  }
}

function newShare(): Share {
  return { bytes: 0, sinceMs: 0, usedBytes: 0, emptyAtMs: 0, emptyForMs: 0, asking: undefined }
}

function nothing(): void {}

/** Mixpanel's words. */
const rateExceeded = 'Project exceeded rate limits. Please retry the request with exponential backoff.'
