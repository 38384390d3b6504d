/**
 * A token bucket for each project, in uncompressed bytes. It holds a minute's worth, so that a burst passes and the
 * average over a minute does not.
 */
import type { Clock } from '../../clock.ts'
import type { ProjectId } from '../../ids.ts'
import { RetryLater } from './retry-later.ts'

export interface RateLimit {
  /** Refuses a project whose bucket is empty: to be asked before a body is read. */
  check(project: ProjectId): void
  /** Takes the bytes from the bucket, or refuses and takes nothing. */
  take(project: ProjectId, bytes: number): void
}

interface Bucket {
  bytes: number
  filledAtMs: number
}

const minuteMs = 60_000

export function createRateLimit(clock: Clock, bytesPerMinuteMax: number): RateLimit {
  const buckets = new Map<ProjectId, Bucket>()
  const bytesPerMs = bytesPerMinuteMax / minuteMs

  const filled = (project: ProjectId): Bucket => {
    const nowMs = clock.nowMs()
    const bucket = buckets.get(project) ?? { bytes: bytesPerMinuteMax, filledAtMs: nowMs }
    // A clock that was set back fills nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - bucket.filledAtMs)
    bucket.bytes = Math.min(bytesPerMinuteMax, bucket.bytes + passedMs * bytesPerMs)
    bucket.filledAtMs = nowMs
    buckets.set(project, bucket)
    return bucket
  }

  const refuse = (missingBytes: number): never => {
    const seconds = Math.ceil(missingBytes / bytesPerMs / 1000)
    throw new RetryLater('INGEST_RATE_EXCEEDED', rateExceeded, Math.min(Math.max(seconds, 1), 60))
  }

  return {
    check: (project) => {
      const bucket = filled(project)
      if (bucket.bytes < 1) refuse(1 - bucket.bytes)
    },
    take: (project, bytes) => {
      const bucket = filled(project)
      // A request larger than the whole bucket passes when it is full: otherwise it never would.
      const needed = Math.min(bytes, bytesPerMinuteMax)
      if (bucket.bytes < needed) refuse(needed - bucket.bytes)
      bucket.bytes -= bytes
    },
  }
}

/** Mixpanel's words. */
const rateExceeded = 'Project exceeded rate limits. Please retry the request with exponential backoff.'
