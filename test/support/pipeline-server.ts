import fastify, { type FastifyInstance } from 'fastify'
import { createAccountDirectory } from '../../src/control/accounts/account-directory.ts'
import { createConsoleSessions } from '../../src/control/accounts/console-sessions.ts'
import type { RunNudge } from '../../src/control/jobs/run-jobs.ts'
import type { PipelineLimits } from '../../src/control/pipelines/check-request.ts'
import { type CreatedProject, createProject } from '../../src/control/projects/manage-projects.ts'
import { createProjectDirectory } from '../../src/control/projects/project-directory.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import { latestCommit } from '../../src/data/store/member-index.ts'
import { createMemberReader } from '../../src/data/store/member-reader.ts'
import { drainOnClose } from '../../src/http/drain-connections.ts'
import { type ProjectApiDeps, projectApi } from '../../src/http/project-api.ts'
import { routerOptions } from '../../src/http/server.ts'
import { createEventStreams } from '../../src/http/server-events.ts'
import type { DestinationTests } from '../../src/workflows/connection-test/destination-tests.ts'
import type { VerifyOneFolder } from '../../src/workflows/verify-one-folder.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { silentLog } from './silent-log.ts'

interface Answer {
  status: number
  headers: Record<string, unknown>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export interface PipelineServer {
  app: FastifyInstance
  database: TestDatabase
  /** What the workers were told. */
  nudged: RunNudge[]
  store: ProjectApiDeps['pipelines']['store']
  clock: { ms: number; nowMs(): number }
  /** Penstock's own identity, as the set-up names it. */
  principal: { arn: string }
  project(timeZone?: string): Promise<CreatedProject>
  /** A POST of a form, as curl -d sends it; a GET without one. */
  call(secret: string | undefined, call: string, form?: Record<string, string | string[]>): Promise<Answer>
  close(): Promise<void>
}

export const principalArn = 'arn:aws:iam::111111111111:role/penstock'

export const base = '/api/2.0/nessie/pipeline'

/** The Data Pipelines API on a database of its own, with a clock that stands still at `startMs`. */
export async function startPipelineServer(
  startMs: number,
  limits: Partial<PipelineLimits> = {},
  destinationTests: DestinationTests = everyTestPasses,
  verifyFolder: VerifyOneFolder = async () => undefined,
): Promise<PipelineServer> {
  const database = await createTestDatabase()
  const clock = { ms: startMs, nowMs: () => clock.ms }
  const nudged: RunNudge[] = []
  const principal = { arn: principalArn }
  const app = fastify({ routerOptions })
  drainOnClose(app)
  const sessions = createConsoleSessions(database.db, clock, 12 * 3_600_000)
  const pipelines: ProjectApiDeps['pipelines'] = {
    db: database.db,
    clock,
    log: silentLog,
    principalArn: async () => principal.arn,
    projects: createProjectDirectory(database.db, clock),
    accounts: createAccountDirectory(database.db, clock),
    sessions,
    limits: { backfillMonthsMax: 6, recurringMax: 2, datedMax: 1, ...limits },
    jobs: { enqueue: async (_tx, nudges) => void nudged.push(...nudges) },
    destinationTests,
    store: indexReader(database),
    verifyFolder,
    searchEvents: async () => nothingFound,
    readSample: async () => [],
    describeEvents: async () => [],
    streams: createEventStreams({ perProjectMax: 4, inAllMax: 10, heartbeatMs: 500 }),
  }
  const console = { sessions, signInsPerMinuteMax: 20, setupToken: undefined }
  await app.register(projectApi({ pipelines, rawExport: noEvents, console }))
  return {
    app,
    database,
    nudged,
    store: pipelines.store,
    principal,
    clock,
    project: (timeZone = 'UTC') => createProject(database.db, { name: 'a project', timeZone }),
    call: (secret, call, form) => send(app, secret, call, form),
    close: async () => {
      await app.close()
      await database.drop()
    },
  }
}

/** What the index tells; there are no segments to read. */
function indexReader({ db }: TestDatabase): ProjectApiDeps['pipelines']['store'] {
  const index = db.withTables<IndexTables>()
  const nowhere = { blobs: {} as BlobStore, run: () => Promise.reject(new Error('nothing is stored')) }
  return { ...createMemberReader({ db: index, ...nowhere }), snapshot: () => latestCommit(index) }
}

const nothingFound = {
  lines: [],
  searchedFrom: undefined,
  eventsSearched: 0,
  eventsSkipped: 0,
  isComplete: true,
  hasOlder: false,
}

/** Nothing is stored that could be read. */
export const noEvents: ProjectApiDeps['rawExport'] = {
  exportRange: async function* () {},
  limits: { perHourMax: 60, perSecondMax: 3, atOnceMax: 100, stallMs: 60_000, totalMs: 60_000 },
}

/** For tests that are about something else than destinations. */
export const everyTestPasses: DestinationTests = {
  trustMode: 'warn',
  whole: async () => ({ ok: true, retryable: false, steps: [] }),
  trust: async () => ({ ok: true, retryable: false, steps: [] }),
  sweep: async () => {},
  close: () => {},
}

async function send(
  app: FastifyInstance,
  secret: string | undefined,
  call: string,
  form: Record<string, string | string[]> | undefined,
): Promise<Answer> {
  const body = new URLSearchParams(
    Object.entries(form ?? {}).flatMap(([name, value]) =>
      [value].flat().map((item): [string, string] => [name, item]),
    ),
  )
  const response = await app.inject({
    method: form === undefined ? 'GET' : 'POST',
    url: call.startsWith('/') ? call : `${base}/${call}`,
    headers: {
      ...(secret === undefined ? {} : { authorization: basic(`${secret}:`) }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form === undefined ? {} : { payload: body.toString() }),
  })
  return { status: response.statusCode, headers: response.headers, json: response.json() }
}

export function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

/** The parameters of a request that is fine on any day of March 2024. */
export const fineRequest = {
  type: 's3-raw',
  from_date: '2024-02-20',
  s3_bucket: 'example-s3-export',
  s3_region: 'us-west-2',
  s3_prefix: 'test',
  s3_role: 'arn:aws:iam::222222222222:role/example-s3-role',
  s3_encryption: 'aes',
}
