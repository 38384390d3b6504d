/** What a serving Penstock of a test stands on: a folder, a database, a sandbox of AWS, and the settings that name them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Installation, openInstallation } from './chosen-shape.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { openSandboxPlace, type SandboxPlace } from './export-place.ts'
import type { Env } from './penstock-process.ts'

export interface ServingPlace extends Installation {
  folder: string
  database: TestDatabase
  place: SandboxPlace
}

/** @param settings beside those that name the data directory, the database and the sandbox */
export async function openServingPlace(name: string, settings: Env = {}): Promise<ServingPlace> {
  const folder = await mkdtemp(join(tmpdir(), `penstock-${name}-`))
  const database = await createTestDatabase()
  const place = await openSandboxPlace(folder)
  const { env, start, close } = await openInstallation({
    ...place.env,
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_DATABASE_URL: database.url,
    ...settings,
  })
  return {
    ...{ folder, database, place, env, start },
    close: async () => {
      await place.close()
      await close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
