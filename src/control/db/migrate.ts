import type pg from 'pg'
import { PenstockError } from '../../errors/penstock-error.ts'
import { type MigrationFile, migrationsFolder, readMigrationFiles } from './migration-files.ts'

/** Any number, as long as every version of Penstock takes the same and nothing else on this database does. */
const migrationLock = 7_362_841_905

interface AppliedMigration {
  number: number
  name: string
  checksum: string
}

/**
 * Brings a database to the newest schema and returns the names of the migrations it applied. Forward only. Any
 * number of processes may call it at once: they take turns, and one applies each migration.
 * @throws PenstockError when the database doesn't come from these files: a changed one, or a newer program's.
 */
export async function migrateDatabase(pool: pg.Pool, folder = migrationsFolder()): Promise<string[]> {
  const files = readMigrationFiles(folder)
  const names: string[] = []
  for (;;) {
    const name = await inTransaction(pool, (client) => applyNext(client, files))
    if (name === undefined) return names
    names.push(name)
  }
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
  const { rows } = await client.query<AppliedMigration>(
    'select number, name, checksum from migration order by number',
  )
  const next = nextMigration(rows, files)
  if (next === undefined) return undefined
  try {
    await client.query(next.sql)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PenstockError('outside', 'MIGRATION_FAILED', `migration ${next.name} was undone: ${reason}`, {
      cause,
    })
  }
  await client.query('insert into migration (number, name, checksum) values ($1, $2, $3)', [
    next.number,
    next.name,
    next.checksum,
  ])
  return next.name
}

/** Pure: holds what was applied against the files and says which file is next, if any. */
function nextMigration(applied: AppliedMigration[], files: MigrationFile[]): MigrationFile | undefined {
  const byNumber = new Map(files.map((file) => [file.number, file]))
  const lastFile = files.at(-1)?.number ?? 0
  for (const row of applied) {
    const file = byNumber.get(row.number)
    if (file === undefined && row.number > lastFile) {
      throw mismatch('DATABASE_NEWER', `the database has ${row.name}, which this version doesn't know`)
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
