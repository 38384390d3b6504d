import type { TakeFromBucket } from '../../src/http/ingest/rate-limit.ts'
import type { ProjectId } from '../../src/ids.ts'

/** Buckets as the database keeps them (src/control/limits/rate-bucket.ts), for servers that have none. */
export function createMemoryBuckets(): TakeFromBucket {
  const buckets = new Map<ProjectId, { bytes: number; filledAtMs: number }>()
  return async ({ project, bytesPerMinuteMax: max, neededBytes, wantedBytes, nowMs }) => {
    const { bytes, filledAtMs } = buckets.get(project) ?? { bytes: max, filledAtMs: nowMs }
    const filled = Math.min(max, bytes + (Math.max(0, nowMs - filledAtMs) * max) / 60_000)
    const refused = filled < Math.min(neededBytes, max)
    const grantedBytes = refused ? 0 : Math.max(neededBytes, Math.min(wantedBytes, filled))
    buckets.set(project, { bytes: filled - grantedBytes, filledAtMs: nowMs })
    return { grantedBytes, leftBytes: filled - grantedBytes }
  }
}
