import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { PenstockError } from '../../errors/penstock-error.ts'
import { settledWithin } from '../../settled-within.ts'
import { dropLateConnections } from './bounded-pool.ts'
import type { Database } from './tables.ts'
import { watchConnections } from './watch-connections.ts'

export interface ConnectOptions {
  /** Seen in pg_stat_activity, so that an operator can tell who holds a connection. */
  applicationName: string
  connectionsMax: number
  /** How long one may wait for an answer: half of it for a connection, half for each query. Without it queries take their time. */
  answerMsMax?: number
  /** Told when a connection was ended because nothing came from the server for so long. */
  onSilent?: ((silentMs: number) => void) | undefined
}

export interface DatabaseConnection {
  db: Kysely<Database>
  pool: pg.Pool
  /** Waits for what is running, then closes every connection; but for seconds only, then it breaks them off. */
  close(): Promise<void>
  /** Ends every connection at once, and opens none any more: what waits for an answer fails as of a database that is away. */
  breakOff(): void
}

/** How long a query waits for a connection before it fails: nothing waits for ever. */
const connectionTimeoutMs = 15_000

/**
 * A process that is stopped, or whose host is gone, in the middle of a transaction keeps its locks no longer than this:
 * others wait for them. What takes longer by itself, as a merge does, says so.
 */
const idleInTransactionMs = 60_000

/** A query takes its time, unless the server does nothing for it and is silent for this long. */
const silentMsMax = 60_000
const watchedEveryMs = 10_000
/** A server whose host is gone while it is at work is noticed by the system so long after, and ten seconds. */
const keepAliveAfterMs = 10_000
/** A server that is silent doesn't take leave either. */
const closeMsMax = 5000

/** A pool on one database, and Kysely on that pool. Connects with the first query, not before. */
export function connectDatabase(url: string, options: ConnectOptions): DatabaseConnection {
  const boundMs = options.answerMsMax === undefined ? undefined : Math.ceil(options.answerMsMax / 2)
  const watch = watchConnections(url, { ...options, lookMs: watchedEveryMs, silentMsMax })
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.applicationName,
    max: options.connectionsMax,
    connectionTimeoutMillis: boundMs ?? connectionTimeoutMs,
    ...(boundMs !== undefined && { query_timeout: boundMs }),
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    stream: watch.openSocket,
    onConnect: watch.add,
    types: columnTypes(),
  })
  // The pool drops an idle connection that broke, and the next query opens another or reports why it can't.
  // Without a listener Node would end the process instead.
  pool.on('error', () => {})
  // The pool listens to idle connections alone. One that breaks in somebody's hands, between two queries of a
  // transaction, fails the next query; that is where it is answered.
  pool.on('connect', (client) => {
    client.on('error', () => {})
  })
  const dialect = new PostgresDialect({ pool: boundMs === undefined ? pool : dropLateConnections(pool) })
  const db = new Kysely<Database>({ dialect })
  const close = async (): Promise<void> => {
    const closed = db.destroy()
    await settledWithin(closed, closeMsMax)
    watch.breakOff()
    watch.stop()
    await closed
  }
  return { db, pool, close, breakOff: watch.breakOff }
}

/** Columns as this program wants them: int8 as number, date as 'YYYY-MM-DD', timestamptz as Date (pg's own). */
function columnTypes(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides()
  types.setTypeParser(pg.types.builtins.INT8, parseInt8)
  // A Date would be midnight of the server's zone; a calendar day has no zone.
  types.setTypeParser(pg.types.builtins.DATE, (text) => text)
  return types
}

/** Ids, counts and bytes stay far below 2^53; a value beyond it must not be rounded in silence. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    throw new PenstockError('invariant', 'DATABASE_NUMBER_TOO_LARGE', `bigint ${text} is beyond 2^53`)
  }
  return value
}
