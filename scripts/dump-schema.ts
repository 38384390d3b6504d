/** Writes schema.sql: the schema that a new embedded database has after every migration. `npm run schema`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../src/control/db/open-database.ts'
import { dumpSchema } from './schema-dump.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'penstock-schema-'))
const database = await openDatabase({
  databaseUrl: undefined,
  dataDir,
  applicationName: 'penstock schema',
  connectionsMax: 2,
})
try {
  await writeFile(join(import.meta.dirname, '../schema.sql'), await dumpSchema(database.pool))
} finally {
  await database.close()
  await rm(dataDir, { recursive: true })
}
