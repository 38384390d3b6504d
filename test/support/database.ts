import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import pg from 'pg'
import { inject } from 'vitest'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { migrateDatabase } from '../../src/control/db/migrate.ts'
import type { Database } from '../../src/control/db/tables.ts'

export interface TestDatabase {
  url: string
  db: Kysely<Database>
  pool: pg.Pool
  /** Closes `db` and removes the database, whoever else is connected to it. */
  drop(): Promise<void>
}

/** A new migrated database of its own, in the PostgreSQL that postgres-setup.ts started. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { url, drop } = await createEmptyDatabase()
  const connection = connectDatabase(url, { applicationName: 'penstock test', connectionsMax: 10 })
  await migrateDatabase(connection.pool)
  return {
    url,
    db: connection.db,
    pool: connection.pool,
    drop: async () => {
      await connection.close()
      await drop()
    },
  }
}

/** A database without any table. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(`create database ${name}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(`drop database if exists ${name} with (force)`) }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
