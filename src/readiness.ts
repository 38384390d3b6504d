import type pg from 'pg'
import type { BlobStore } from './data/store/blob-store.ts'
import { settledWithin } from './settled-within.ts'

const databaseTimeoutMs = 2000
/** Given up in time: no connection waits for ever for what nobody waits for any more. pg knows this, its types don't. */
const probe: pg.QueryConfig & { query_timeout: number } = {
  text: 'select 1',
  query_timeout: databaseTimeoutMs,
}

/** Says what of the process's surroundings keeps it from its work now: nothing, or reasons in words. */
export function createReadiness(pool: pg.Pool, blobs: Pick<BlobStore, 'trouble'>): () => Promise<string[]> {
  return async () => {
    const [database, store] = await Promise.all([databaseProblem(pool), blobs.trouble()])
    return [database, store?.words].filter((reason) => reason !== undefined)
  }
}

async function databaseProblem(pool: pg.Pool): Promise<string | undefined> {
  let problem: string | undefined = 'the database does not answer'
  const answered = pool.query(probe).then(
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
