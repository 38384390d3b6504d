/** A pool whose queries end in time, for what clients wait for. */
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'

/** pg's own words for a query that took longer than its `query_timeout`. */
const lateWords = 'Query read timeout'

/**
 * A query that is not answered in time fails by pg's `query_timeout`; its connection still waits for the answer, and whatever
 * else were asked there would wait behind it. So nothing more is, and nobody else gets it.
 */
export function dropLateConnections(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => dropIfLate(await pool.connect()),
  }
}

function dropIfLate(client: pg.PoolClient): PostgresPoolClient {
  let late: Error | undefined
  const query = async (sql: string, parameters: readonly unknown[]) => {
    // The rollback of a transaction that was late.
    if (late !== undefined) throw late
    try {
      return await client.query(sql, [...parameters])
    } catch (cause) {
      if (cause instanceof Error && cause.message === lateWords) late = cause
      throw cause
    }
  }
  return {
    // Nothing here reads by cursor, the other way of calling it.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || late !== undefined),
  }
}
