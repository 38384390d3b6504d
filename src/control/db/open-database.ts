import type pg from 'pg'
import { connectDatabase, type DatabaseConnection } from './connect-database.ts'
import { type EmbeddedPostgres, openEmbeddedPostgres } from './embedded/open-embedded-postgres.ts'
import { migrateDatabase } from './migrate.ts'

export interface OpenDatabase extends DatabaseConnection {
  url: string
  pool: pg.Pool
}

export interface OpenDatabaseOptions {
  /** A PostgreSQL of the operator's; without it the embedded one of `dataDir`. */
  databaseUrl: string | undefined
  dataDir: string
  applicationName: string
  connectionsMax: number
}

/** Starts or joins the database and brings it to the newest schema. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const embedded = options.databaseUrl === undefined ? await openEmbeddedPostgres(options.dataDir) : undefined
  const url = options.databaseUrl ?? (embedded as EmbeddedPostgres).url
  const connection = connectDatabase(url, options)
  const close = async (): Promise<void> => {
    await connection.close()
    await embedded?.release()
  }
  try {
    await migrateDatabase(connection.pool)
  } catch (cause) {
    await close()
    throw cause
  }
  return { ...connection, url, close }
}
