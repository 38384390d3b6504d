/**
 * The database's clock, which every process on it shares. Leases are written by one host and read by another: were each to
 * go by a clock of its own, a host whose clock is minutes ahead would take runs out of the hands of those who work them.
 *
 * It is asked for at an interval and runs on in between by itself; a statement is given the time that it is, and reads none.
 */
import type pg from 'pg'
import type { Clock } from '../../clock.ts'
import { elapsedMs } from '../../elapsed.ts'

export interface DatabaseClock extends Clock {
  /** Asks no more. */
  stop(): void
}

const askedEveryMs = 10_000
/** An answer that took longer says too little. A lease is seconds, and its holder lets go of it a tenth earlier. */
const answerMsMax = 250
const firstAsksMax = 5

/** @throws where the database can't be asked */
export async function openDatabaseClock(pool: pg.Pool): Promise<DatabaseClock> {
  let aheadMs = await askFirst(pool)
  const ask = async (): Promise<void> => {
    const answer = await askTime(pool)
    if (answer.tookMs <= answerMsMax) aheadMs = answer.aheadMs
  }
  // While the database is away the clock runs on; nothing is claimed meanwhile.
  const asking = setInterval(() => void ask().catch(() => undefined), askedEveryMs)
  asking.unref()
  return {
    nowMs: () => Math.floor(elapsedMs() + aheadMs),
    stop: () => clearInterval(asking),
  }
}

interface Answer {
  /** Of `elapsedMs`; half of `tookMs` exact. */
  aheadMs: number
  tookMs: number
}

/** A busy machine may be slow to answer the first time; the best of a few answers will do. */
async function askFirst(pool: pg.Pool): Promise<number> {
  let best = await askTime(pool)
  for (let asks = 1; asks < firstAsksMax && best.tookMs > answerMsMax; asks++) {
    const next = await askTime(pool)
    if (next.tookMs < best.tookMs) best = next
  }
  return best.aheadMs
}

async function askTime(pool: pg.Pool): Promise<Answer> {
  // A connection is had first: to open one takes longer than the question.
  const client = await pool.connect()
  try {
    const askedMs = elapsedMs()
    const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now')
    const tookMs = elapsedMs() - askedMs
    return { aheadMs: (rows[0] as { now: Date }).now.getTime() - askedMs - tookMs / 2, tookMs }
  } finally {
    client.release()
  }
}
