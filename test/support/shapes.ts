/** The two shapes of the program (docs/architecture.md), for tests that must pass in both. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { openApart } from './chosen-shape.ts'
import type { TestDatabase } from './database.ts'
import { openSandboxPlace } from './export-place.ts'
import { type Env, penstock, startPenstock } from './penstock-process.ts'
import { openServingPlaceAs, type ServingPlace } from './serving-place.ts'
import type { StoreSandbox } from './store-sandbox.ts'

export interface Shape {
  name: string
  /** @param settings beside those that name the data directory, the database, the store and the sandbox */
  open(name: string, settings?: Env): Promise<ShapedPlace>
}

export interface ShapedPlace extends ServingPlace {
  /** Where segments are no files. */
  storeSandbox: StoreSandbox | undefined
}

export const shapes: Shape[] = [
  { name: 'one process, with a database and files of its own', open: openEmbedded },
  { name: 'a process for each role, on PostgreSQL and S3', open: openShared },
]

async function openEmbedded(name: string, settings: Env = {}): Promise<ShapedPlace> {
  const folder = await mkdtemp(join(tmpdir(), `penstock-${name}-`))
  const dataDir = join(folder, 'data')
  const place = await openSandboxPlace(folder)
  const env = { ...place.env, PENSTOCK_DATA_DIR: dataDir, ...settings }
  const database = await lookIntoEmbedded(dataDir, env)
  return {
    ...{ folder, database, place, env, storeSandbox: undefined },
    start: (more = {}) => startPenstock({ ...env, ...more }),
    close: async () => {
      await place.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The embedded database has any number of users. */
async function lookIntoEmbedded(dataDir: string, env: Env): Promise<TestDatabase> {
  const { code, stderr } = await penstock(['project', 'list'], env)
  if (code !== 0) throw new Error(`the embedded database could not be made: ${stderr}`)
  const server = await openEmbeddedPostgres(dataDir)
  const connection = connectDatabase(server.url, { applicationName: 'penstock test', connectionsMax: 4 })
  return {
    ...{ url: server.url, db: connection.db, pool: connection.pool },
    drop: async () => {
      await connection.close()
      await server.release()
    },
  }
}

async function openShared(name: string, settings: Env = {}): Promise<ShapedPlace> {
  return await openServingPlaceAs(openApart, name, settings)
}
