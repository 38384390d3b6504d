import { statfs } from 'node:fs/promises'
import type pg from 'pg'
import { settledWithin } from './settled-within.ts'

/** Less free disk than this, and a commit may not fit. */
const freeBytesMin = 64 * 1024 * 1024
const databaseTimeoutMs = 2000

/** Says what of the process's surroundings keeps it from its work now: nothing, or reasons in words. */
export function createReadiness(pool: pg.Pool, storeFolder: string): () => Promise<string[]> {
  return async () => {
    const reasons = await Promise.all([databaseProblem(pool), diskProblem(storeFolder)])
    return reasons.filter((reason) => reason !== undefined)
  }
}

async function databaseProblem(pool: pg.Pool): Promise<string | undefined> {
  let problem: string | undefined = 'the database does not answer'
  const answered = pool.query('select 1').then(
    () => {
      problem = undefined
    },
    () => {
      problem = 'the database is away'
    },
  )
  await settledWithin(answered, databaseTimeoutMs)
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
