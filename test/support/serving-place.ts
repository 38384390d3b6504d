/**
 * What a serving Penstock of a test stands on: a folder, a database, a sandbox of AWS, and the settings that name them.
 *
 * `PENSTOCK_TEST_SHAPE=shared npx vitest run test/e2e` runs the same tests in the shape of several machines: the store in an
 * S3 of its own, and a process for each role.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { openSandboxPlace, type SandboxPlace } from './export-place.ts'
import { type Env, type RunningPenstock, startPenstock } from './penstock-process.ts'
import { serveApart } from './serve-apart.ts'
import { startStoreSandbox } from './store-sandbox.ts'

export interface ServingPlace {
  folder: string
  database: TestDatabase
  place: SandboxPlace
  env: Env
  /** Every role is served when it resolves: by one process, or by one each. */
  start(settings?: Env): Promise<RunningPenstock>
  /** Once nothing serves any more. */
  close(): Promise<void>
}

const shape = process.env.PENSTOCK_TEST_SHAPE ?? 'one process'

/** @param settings beside those that name the data directory, the database and the sandbox */
export async function openServingPlace(name: string, settings: Env = {}): Promise<ServingPlace> {
  if (shape !== 'one process' && shape !== 'shared')
    throw new Error(`PENSTOCK_TEST_SHAPE: there is no ${shape}`)
  const folder = await mkdtemp(join(tmpdir(), `penstock-${name}-`))
  const database = await createTestDatabase()
  const place = await openSandboxPlace(folder)
  const store = shape === 'shared' ? await startStoreSandbox() : undefined
  const env: Env = {
    ...place.env,
    ...store?.env,
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_DATABASE_URL: database.url,
    ...settings,
  }
  return {
    ...{ folder, database, place, env },
    start: (more = {}) =>
      store === undefined ? startPenstock({ ...env, ...more }) : serveApart({ ...env, ...more }),
    close: async () => {
      await place.close()
      await store?.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
