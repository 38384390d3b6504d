import type pg from 'pg'
import { PenstockError } from '../../errors/penstock-error.ts'
import { type ConnectOptions, connectDatabase, type DatabaseConnection } from './connect-database.ts'
import { type EmbeddedPostgres, openEmbeddedPostgres } from './embedded/open-embedded-postgres.ts'
import { migrateDatabase } from './migrate.ts'

export interface OpenDatabase extends DatabaseConnection {
  url: string
  pool: pg.Pool
}

export interface OpenDatabaseOptions extends ConnectOptions {
  /** A PostgreSQL of the operator's; without it the embedded one of `dataDir`. */
  databaseUrl: string | undefined
  dataDir: string
}

/** Older ones get no more fixes from the PostgreSQL project, and nothing is tested on them. */
const serverVersionMin = 15

/**
 * Starts or joins the database and brings it to the newest schema.
 * @throws PenstockError when it can't be reached, is too old, or isn't of this program's migrations
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const embedded = options.databaseUrl === undefined ? await openEmbeddedPostgres(options.dataDir) : undefined
  const url = options.databaseUrl ?? (embedded as EmbeddedPostgres).url
  const connection = connectDatabase(url, options)
  const close = async (): Promise<void> => {
    await connection.close()
    await embedded?.release()
  }
  try {
    await checkServer(connection.pool, url)
    await migrateDatabase(connection.pool)
  } catch (cause) {
    await close()
    throw cause
  }
  return { ...connection, url, close }
}

async function checkServer(pool: pg.Pool, url: string): Promise<void> {
  const version = await serverVersion(pool).catch((cause) => {
    throw unreachable(url, cause)
  })
  if (version >= serverVersionMin) return
  throw new PenstockError(
    'outside',
    'DATABASE_TOO_OLD',
    `${nameOf(url)} is PostgreSQL ${version}; Penstock needs ${serverVersionMin} or newer. Upgrade it, or name another in PENSTOCK_DATABASE_URL.`,
  )
}

async function serverVersion(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ version: string }>(
    "select current_setting('server_version_num') as version",
  )
  return Math.floor(Number(rows[0]?.version) / 10_000)
}

function unreachable(url: string, cause: unknown): PenstockError {
  // A host of several addresses gives several errors, in one without a message.
  const errors: unknown[] = cause instanceof AggregateError ? cause.errors : [cause]
  const found = errors.map((error) => (error instanceof Error ? error.message : String(error))).join(', ')
  return new PenstockError(
    'outside',
    'DATABASE_UNREACHABLE',
    `${nameOf(url)} can't be used: ${found}. Check that it runs and that PENSTOCK_DATABASE_URL names its host, database, user and password.`,
    { cause, retryable: true },
  )
}

/** Without user and password: this goes into messages. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `the database ${pathname.slice(1)} at ${host}`
}
