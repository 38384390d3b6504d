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
  return await openServingPlaceAs(openInstallation, name, settings)
}

/** The same in the shape that `open` has. */
export async function openServingPlaceAs<Opened extends Installation>(
  open: (settings: Env) => Promise<Opened>,
  name: string,
  settings: Env,
): Promise<Opened & ServingPlace> {
  const folder = await mkdtemp(join(tmpdir(), `penstock-${name}-`))
  const database = await createTestDatabase()
  const place = await openSandboxPlace(folder)
  const opened = await open({
    ...place.env,
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_DATABASE_URL: database.url,
    ...settings,
  })
  return {
    ...{ ...opened, folder, database, place },
    close: async () => {
      await place.close()
      await opened.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
