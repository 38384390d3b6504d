import type { Clock } from '../../clock.ts'
import type { AccountDirectory } from '../../control/accounts/account-directory.ts'
import type { OwnQuota, Quota } from '../../control/projects/quota.ts'
import type { Refusal } from '../../control/projects/refusals.ts'
import type { EventBatch } from '../../data/ingest/event-batch.ts'
import type { ProjectUsage } from '../../data/store/project-usage.ts'
import type { ProjectId } from '../../ids.ts'
import type { PlaceDatabase } from '../../places/place-database.ts'
import type { ProfileUpdate } from '../../profiles/profile-update.ts'
import type { RunInThread } from '../../threads/pool.ts'
import type { TakeFromBucket } from './rate-limit.ts'

export interface IngestProject {
  id: ProjectId
  timeZone: string
  /** Whether long strings in its events are cut, as Mixpanel does. */
  cutsStrings: boolean
  /** What is said of it beside the settings. */
  quota: OwnQuota
}

export interface IngestDeps {
  clock: Clock
  run: RunInThread
  /** Resolves when the batch is durable. */
  append(batch: EventBatch): Promise<void>
  /** Resolves when the updates are durable; gives the indexes of those that were left out as too large. */
  updateProfiles(projectId: ProjectId, updates: ProfileUpdate[], nowMs: number): Promise<number[]>
  projects: {
    bySecret(secret: string): Promise<IngestProject | undefined>
    byToken(token: string): Promise<IngestProject | undefined>
  }
  accounts: AccountDirectory
  /** Told of each event, and each whole request, of a known project that is refused. */
  onRefused?: (refusal: Refusal) => void
  /** The operator's database of places. */
  places?: (() => PlaceDatabase) | undefined
  /** Uncompressed bytes that one project may send a minute. */
  importBytesPerMinuteMax: number
  /** Of the buckets that hold them, which all processes share. */
  takeFromBucket: TakeFromBucket
  /** What a project may send in, where nothing else is said of it. */
  quotas: Quota
  readUsage(project: ProjectId): Promise<ProjectUsage>
  /** Bytes of requests that may be taken in at once. */
  bytesInFlightMax: number
  /** Of those that are worked on, those of one project, in percent. */
  projectPercentMax: number
  /** How long a client may take to send a body. */
  bodyTimeMsMax?: number
  /** How long a request stands unread before it is refused. */
  standingMsMax?: number
}
