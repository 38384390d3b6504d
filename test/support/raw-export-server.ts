/** The Raw Export API on a port of its own, with credentials from a database and events from wherever a test says. */
import fastify from 'fastify'
import type { Kysely } from 'kysely'
import { createAccountDirectory } from '../../src/control/accounts/account-directory.ts'
import { createConsoleSessions } from '../../src/control/accounts/console-sessions.ts'
import type { Database } from '../../src/control/db/tables.ts'
import { createProjectDirectory } from '../../src/control/projects/project-directory.ts'
import { type RawExportDeps, rawExportRoutes } from '../../src/http/raw-export/raw-export-routes.ts'
import { routerOptions } from '../../src/http/server.ts'
import { createTurns } from '../../src/take-turns.ts'
import type { ThreadPool } from '../../src/threads/pool.ts'
import { exportRange } from '../../src/workflows/export-range.ts'
import type { ExportWorld } from './export-world.ts'
import { basic } from './pipeline-server.ts'

export interface RawExportServer {
  url: string
  clock: { ms: number; nowMs(): number }
  /** As any client asks: it takes gzip. */
  get(secret: string, query: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

type Source = RawExportDeps['exportRange']

export async function startRawExportServer(
  db: Kysely<Database>,
  source: Source,
  limits: Partial<RawExportDeps['limits']> = {},
): Promise<RawExportServer> {
  const clock = { ms: Date.parse('2024-03-01T20:00:00Z'), nowMs: () => clock.ms }
  const app = fastify({ routerOptions })
  const routes = rawExportRoutes({
    clock,
    db,
    projects: createProjectDirectory(db, clock),
    accounts: createAccountDirectory(db, clock),
    sessions: createConsoleSessions(db, clock, 60_000),
    exportRange: source,
    limits: {
      ...{ perHourMax: 1000, perSecondMax: 1000, atOnceMax: 1000, stallMs: 60_000, totalMs: 600_000 },
      ...limits,
    },
  })
  await app.register(routes, { prefix: '/api/2.0' })
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/api/2.0/export`
  return {
    url,
    clock,
    get: (secret, query, headers) =>
      fetch(`${url}?${new URLSearchParams(query)}`, {
        headers: { authorization: basic(`${secret}:`), ...headers },
      }),
    close: () => app.close(),
  }
}

/** What the product's own workflow finds in the world's store. */
export function sourceOf({ store, deps }: ExportWorld, threads: ThreadPool): Source {
  const { readProfiles, spoolFolder, partSizeBytes, dedupKeysInMemoryMax } = deps
  const given = { store, run: threads.run, readProfiles, spoolFolder, partSizeBytes, dedupKeysInMemoryMax }
  const planning = createTurns<Parameters<Source>[0]['window']['projectId']>(2)
  return (range, signal) => exportRange({ ...given, planning }, range, signal)
}
