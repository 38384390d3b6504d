/** The store of a house with what it has taken spoilt on purpose, as a product that is wrong might leave it. */
import { randomBytes } from 'node:crypto'
import { openBlobStore } from '../../src/compose-store.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { type OpenDatabase, openDatabase } from '../../src/control/db/open-database.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { batchOf } from '../../test/support/event-batches.ts'
import { silentLog } from '../../test/support/silent-log.ts'
import { createUngroupedStore } from '../../test/support/ungrouped-store.ts'
import type { BenchEvent } from '../generator/event-set.ts'
import type { House } from '../product/house.ts'

export interface SpoiltStore {
  store: EventStore
  database: OpenDatabase
  close(): Promise<void>
}

/** Beside the processes that serve from it and export from it. */
export async function openSpoiltStore({ env }: House): Promise<SpoiltStore> {
  const config = readConfig(env)
  const { partSizeBytes } = config
  const database = await openDatabase({ ...config, applicationName: 'spoil', connectionsMax: 2 })
  const threads = createThreadPool(1)
  const db = database.db.withTables<IndexTables>()
  const blobs = await openBlobStore(config, silentLog)
  return {
    database,
    store: createUngroupedStore({ db, blobs, run: threads.run, partSizeBytes }),
    close: async () => {
      await threads.close()
      blobs.close()
      await database.close()
    },
  }
}

/** Spoils what a project has in the store. */
export type Spoil = (spoilt: SpoiltStore, projectId: number) => Promise<void>

/** Of the newest commit, the member of most events is gone. */
export const loseEvents: Spoil = async ({ database }, projectId) => {
  const db = database.db.withTables<IndexTables>()
  const { segment_id, ordinal } = await db
    .selectFrom('member')
    .select(['segment_id', 'ordinal'])
    .where('project_id', '=', projectId)
    .orderBy('commit_number', 'desc')
    .orderBy('event_count', 'desc')
    .executeTakeFirstOrThrow()
  await db.deleteFrom('member').where('segment_id', '=', segment_id).where('ordinal', '=', ordinal).execute()
}

/** The event's line is there once more, under a dedup key that is not its own. */
export function doubleEvent(event: BenchEvent): Spoil {
  return async ({ store }, projectId) => {
    const strangeKey = (): string => randomBytes(16).toString('latin1')
    await store.append(batchOf(projectId as ProjectId, 'UTC', [event], strangeKey))
  }
}

/** What is there of the event says something else than what was sent. */
export function changeEvent({ event, properties }: BenchEvent): Spoil {
  return async ({ store }, projectId) => {
    const changed = { event, properties: { ...properties, changed: true } }
    await store.append(batchOf(projectId as ProjectId, 'UTC', [changed]))
  }
}
