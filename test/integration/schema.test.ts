import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dumpSchema } from '../../scripts/schema-dump.ts'
import { connectDatabase, type DatabaseConnection } from '../../src/control/db/connect-database.ts'
import { migrateDatabase } from '../../src/control/db/migrate.ts'
import { migrationsFolder, readMigrationFiles } from '../../src/control/db/migration-files.ts'
import { createEmptyDatabase } from '../support/database.ts'
import { migrationSamples } from '../support/migration-samples.ts'

const migrations = readMigrationFiles(migrationsFolder())
const newest = migrations.at(-1)?.number ?? 0
const recordedSchema = await readFile(join(import.meta.dirname, '../../schema.sql'), 'utf8')

let database: { url: string; drop(): Promise<void> }
let connection: DatabaseConnection
let folder: string

beforeEach(async () => {
  database = await createEmptyDatabase()
  connection = connectDatabase(database.url, { applicationName: 'schema test', connectionsMax: 2 })
  folder = await mkdtemp(join(tmpdir(), 'penstock-earlier-migrations-'))
})

afterEach(async () => {
  await connection.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

/** Applies the migrations up to one number, each followed by its sample rows. */
async function migrateWithSamples(last: number): Promise<void> {
  for (const { number, name } of migrations.filter((migration) => migration.number <= last)) {
    await cp(join(migrationsFolder(), `${name}.sql`), join(folder, `${name}.sql`))
    expect(await migrateDatabase(connection.pool, folder)).toEqual([name])
    const sample = migrationSamples[number]
    if (sample !== undefined) await connection.pool.query(sample)
  }
}

async function rowCounts(): Promise<Record<string, number>> {
  const { rows: tables } = await connection.pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const { rows } = await connection.pool.query<{ count: number }>(`select count(*) from "${name}"`)
    counts[name] = rows[0]?.count ?? 0
  }
  return counts
}

test('schema.sql is what the migrations make; after a change, npm run schema writes it anew', async () => {
  await migrateDatabase(connection.pool)
  expect(await dumpSchema(connection.pool)).toBe(recordedSchema)
})

test('a migration says on its first line which programs go on working beside it', () => {
  // Those before 0017 come from versions that none can be upgraded from one process at a time.
  const later = migrations.filter(({ number }) => number > 16)
  const silent = later.filter(
    ({ sql }) => !/^-- Beside it, (programs as of \d{4} go|no other program goes) on working\.\n/.test(sql),
  )
  expect(silent.map(({ name }) => name)).toEqual([])
})

test('the sample rows reach every table, so that no migration is tried on an empty one', async () => {
  await migrateWithSamples(newest)
  const empty = Object.entries(await rowCounts()).filter(([, count]) => count === 0)
  expect(empty).toEqual([])
})

test.each(migrations.filter(({ number }) => number < newest))(
  'a database with data as of $name migrates to the newest schema and keeps its rows',
  async ({ number }) => {
    await migrateWithSamples(number)
    const { migration: _, ...before } = await rowCounts()
    const later = migrations.filter((migration) => migration.number > number)
    expect(await migrateDatabase(connection.pool)).toEqual(later.map(({ name }) => name))
    expect(await rowCounts()).toMatchObject(before)
    expect(await dumpSchema(connection.pool)).toBe(recordedSchema)
  },
)
