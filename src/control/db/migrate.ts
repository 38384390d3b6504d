import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { PenstockError } from '../../errors/penstock-error.ts'
import { isDatabaseAway } from './database-away.ts'
import { type MigrationFile, migrationsFolder, readMigrationFiles } from './migration-files.ts'

/** Any number, as long as every version of Penstock takes the same and nothing else on this database does. */
const migrationLock = 7_362_841_905

interface AppliedMigration {
  number: number
  name: string
  checksum: string
  oldest_program: number | null
}

/**
 * How long a migration may wait for a table that somebody uses. Whoever needs the table after it waits behind it, and
 * events come in all the time: so it steps back and tries again.
 */
const tableWaitMs = 2000
const triesMax = 60
const pauseMs = 500
/** What PostgreSQL says of a lock that didn't come in time, and of two that wait for one another. */
const lockedOutCodes = new Set(['55P03', '40P01'])

/**
 * Brings a database to the newest schema and returns the names of the migrations it applied. Forward only. Any
 * number of processes may call it at once: they take turns, and one applies each migration. Others may be at work on the
 * database meanwhile. One that a newer program has migrated further is left as it is, where that program's migrations say
 * that this one goes on working (docs/decisions/0053).
 * @throws PenstockError when the database doesn't come from these files: a changed one, or a newer program's.
 */
export async function migrateDatabase(pool: pg.Pool, folder = migrationsFolder()): Promise<string[]> {
  const files = readMigrationFiles(folder)
  const names: string[] = []
  for (let tries = 1; ; ) {
    try {
      const name = await inTransaction(pool, (client) => applyNext(client, files))
      if (name === undefined) return names
      names.push(name)
      tries = 1
    } catch (error) {
      if (!isLockedOut(error) || tries >= triesMax) throw error
      tries += 1
      await sleep(pauseMs)
    }
  }
}

function isLockedOut(error: unknown): boolean {
  const cause = error instanceof PenstockError ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && lockedOutCodes.has(String(cause.code))
}

/** The first file that the database doesn't have yet, applied within `client`'s transaction. */
async function applyNext(client: pg.PoolClient, files: MigrationFile[]): Promise<string | undefined> {
  // Held to the end of this transaction. Whoever waited here reads below what the one before applied.
  await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
  await client.query(`
    create table if not exists migration (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`)
  await client.query('alter table migration add column if not exists oldest_program integer')
  const { rows } = await client.query<AppliedMigration>(
    'select number, name, checksum, oldest_program from migration order by number',
  )
  const next = nextMigration(rows, files)
  if (next === undefined) return undefined
  try {
    await client.query(`set local lock_timeout = ${tableWaitMs}`)
    await client.query(next.sql)
  } catch (cause) {
    // It says nothing of the migration.
    if (isDatabaseAway(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PenstockError('outside', 'MIGRATION_FAILED', `migration ${next.name} was undone: ${reason}`, {
      cause,
    })
  }
  await client.query(
    'insert into migration (number, name, checksum, oldest_program) values ($1, $2, $3, $4)',
    [next.number, next.name, next.checksum, next.oldestProgram],
  )
  return next.name
}

/** Pure: holds what was applied against the files and says which file is next, if any. */
function nextMigration(applied: AppliedMigration[], files: MigrationFile[]): MigrationFile | undefined {
  const byNumber = new Map(files.map((file) => [file.number, file]))
  const lastFile = files.at(-1)?.number ?? 0
  for (const row of applied) {
    const file = byNumber.get(row.number)
    if (file === undefined && row.number > lastFile) {
      if (row.oldest_program !== null && row.oldest_program <= lastFile) continue
      throw mismatch(
        'DATABASE_NEWER',
        `the database has ${row.name}, which this version doesn't know and can't work with`,
      )
    }
    if (file?.checksum !== row.checksum) {
      throw mismatch(
        'MIGRATION_CHANGED',
        `${row.name} was applied with another content than the file has now`,
      )
    }
  }
  const lastApplied = applied.at(-1)?.number ?? 0
  const pending = files.filter((file) => !applied.some((row) => row.number === file.number))
  const late = pending.find((file) => file.number < lastApplied)
  if (late !== undefined) {
    throw mismatch('MIGRATION_OUT_OF_ORDER', `${late.name} is missing, but later ones were applied`)
  }
  return pending[0]
}

function mismatch(code: string, found: string): PenstockError {
  const nextStep = 'Start the version of Penstock that last ran on this database, or a newer one.'
  return new PenstockError('outside', code, `database schema: ${found}. ${nextStep}`)
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    client.release()
    return result
  } catch (error) {
    // Closing the connection rolls back, whatever state the failure left it in.
    client.release(true)
    throw error
  }
}
