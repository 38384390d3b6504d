import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

/** One PostgreSQL for a whole run of the tests; every test file makes databases of its own in it. */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-test-postgres-'))
  const server = await openEmbeddedPostgres(folder)
  await forgetSafety(server.url)
  project.provide('postgresUrl', server.url)
  return async () => {
    await server.release()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Nothing in it is worth a wait for the disk. */
async function forgetSafety(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    await client.query(`alter system set ${setting} = off`)
  }
  await client.query('select pg_reload_conf()')
  await client.end()
}
