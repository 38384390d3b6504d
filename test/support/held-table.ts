/** Keeps a table from being changed, so that a process is met in the middle of a transaction, and stopped there. */
import type pg from 'pg'
import { expect } from 'vitest'

interface HeldTable {
  /** Resolves when somebody waits with such a statement, with the number of their connection's process in the database. */
  waited(statement: string): Promise<number>
  release(): Promise<void>
}

/** @param pool of whoever is not to be met */
export async function holdTable(pool: pg.Pool, table: string): Promise<HeldTable> {
  const client = await pool.connect()
  await client.query('begin')
  await client.query(`lock table ${table} in share mode`)
  return {
    waited: async (statement) => {
      const waiting = async (): Promise<number | undefined> => {
        const { rows } = await pool.query(
          `select pid from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query ilike $1`,
          [`%${statement}%`],
        )
        return rows[0]?.pid
      }
      await expect.poll(waiting, { timeout: 60_000, interval: 20 }).toBeDefined()
      return (await waiting()) ?? Number.NaN
    },
    release: async () => {
      await client.query('rollback')
      client.release()
    },
  }
}

/**
 * Ends the transaction in which a process is stopped, as PostgreSQL does it of itself when such a one has rested for a minute
 * (`idle_in_transaction_session_timeout`).
 */
export async function endResting(pool: pg.Pool, pid: number): Promise<void> {
  const state = async (): Promise<string> =>
    (await pool.query('select state from pg_stat_activity where pid = $1', [pid])).rows[0]?.state
  await expect.poll(state, { timeout: 30_000, interval: 20 }).toBe('idle in transaction')
  await pool.query('select pg_terminate_backend($1, 10000)', [pid])
}
