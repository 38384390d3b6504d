import { statfs } from 'node:fs/promises'
import type pg from 'pg'

/** Less free disk than this, and a commit may not fit. */
const freeBytesMin = 64 * 1024 * 1024
const databaseTimeoutMs = 2000

/** Says what keeps this process from taking events now: nothing, or reasons in words. */
export function createReadiness(pool: pg.Pool, storeFolder: string): () => Promise<string[]> {
  return async () => {
    const reasons = await Promise.all([databaseProblem(pool), diskProblem(storeFolder)])
    return reasons.filter((reason) => reason !== undefined)
  }
}

async function databaseProblem(pool: pg.Pool): Promise<string | undefined> {
  const late = Promise.withResolvers<string>()
  const timer = setTimeout(() => late.resolve('the database does not answer'), databaseTimeoutMs)
  const answered = pool.query('select 1').then(
    () => undefined,
    () => 'the database is away',
  )
  const problem = await Promise.race([answered, late.promise])
  clearTimeout(timer)
  return problem
}

async function diskProblem(folder: string): Promise<string | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize < freeBytesMin ? 'the disk of the event store is full' : undefined
  } catch {
    return 'the folder of the event store is gone'
  }
}
