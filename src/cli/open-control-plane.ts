import { readConfig } from '../config/read-config.ts'
import type { Config } from '../config/settings.ts'
import { type OpenDatabase, openDatabase } from '../control/db/open-database.ts'

/** Opens the database that `serve` uses, whether `serve` runs or not, does one thing with it, and lets it go. */
export async function withControlPlane<Result>(
  use: (database: OpenDatabase, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(process.env)
  const database = await openDatabase({ ...config, applicationName: 'penstock command', connectionsMax: 4 })
  try {
    return await use(database, config)
  } finally {
    await database.close()
  }
}
