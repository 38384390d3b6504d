import type { Clock } from '../../clock.ts'
import type { AccountDirectory } from '../../control/accounts/account-directory.ts'
import type { EventBatch } from '../../data/ingest/event-batch.ts'
import type { ProjectId } from '../../ids.ts'
import type { PlaceDatabase } from '../../places/place-database.ts'
import type { ProfileUpdate } from '../../profiles/profile-update.ts'
import type { RunInThread } from '../../threads/pool.ts'

export interface IngestProject {
  id: ProjectId
  timeZone: string
  /** Whether long strings in its events are cut, as Mixpanel does. */
  cutsStrings: boolean
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
  /** The operator's database of places. */
  places?: (() => PlaceDatabase) | undefined
  /** Uncompressed bytes that one project may send a minute. */
  importBytesPerMinuteMax: number
  /** Bytes of requests that may be taken in at once. */
  bytesInFlightMax: number
  /** Of those that are worked on, those of one project, in percent. */
  projectPercentMax: number
  /** How long a client may take to send a body. */
  bodyTimeMsMax?: number
}
