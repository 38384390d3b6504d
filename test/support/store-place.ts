/** What an event store stands on in a test: a database, threads and an empty folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

export interface StorePlace {
  database: TestDatabase
  /** The database's. */
  db: TestDatabase['db']
  threads: ThreadPool
  folder: string
  /** Nothing of it is left. */
  close(): Promise<void>
}

/** @param name begins the folder's name */
export async function openStorePlace(name: string): Promise<StorePlace> {
  const database = await createTestDatabase()
  const threads = createThreadPool(2)
  const folder = await mkdtemp(join(tmpdir(), `penstock-${name}-`))
  return {
    database,
    db: database.db,
    threads,
    folder,
    close: async () => {
      await threads.close()
      await database.drop()
      await rm(folder, { recursive: true })
    },
  }
}
