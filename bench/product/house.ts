/** Penstock as a bench uses it: a data directory with the embedded database, a serving API, and one project a day of events. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { readPostmaster } from '../../src/control/db/embedded/postmaster.ts'
import type { Compacted } from '../../src/data/store/merge/compact-store.ts'
import type { Account, ExportPlace } from '../../test/support/export-place.ts'
import {
  type Env,
  penstockJson,
  type RunningPenstock,
  startPenstock,
} from '../../test/support/penstock-process.ts'
import type { Selection } from '../generator/event-set.ts'
import { createClosing } from '../harness/closing.ts'
import { type Exporter, startExporter } from './exporter.ts'
import { startWorkers, type Workers, workersEnv } from './workers.ts'

export interface House {
  env: Env
  dataDir: string
  /** Where the segments are, where they are files. */
  storeFolder: string
  /** The serving processes, each started when first asked for; without a number the first. */
  api(place?: number): Promise<RunningPenstock>
  /** A new project in UTC, let in by an account of the export place. */
  createProject(name: string): Promise<HouseProject>
  /** A new pipeline for the days of a project, under a prefix of its own; its runs wait to be worked. */
  createPipeline(
    project: HouseProject,
    days: string | PipelineDays,
    selection?: Selection,
  ): Promise<HousePipeline>
  /** Merges what ingest has written, as far as it helps, and frees the space of what was merged. */
  compact(): Promise<Compacted>
  /** A worker's process; those that still run when the house closes are stopped then. */
  startExporter(): Promise<Exporter>
  /** So many processes of the role `worker`, which take what is due; the same is true of them. */
  startWorkers(count: number): Promise<Workers>
  /** Of the PostgreSQL that it uses; undefined where none runs. */
  postgresPid(): Promise<number | undefined>
  close(): Promise<void>
}

export interface HouseProject {
  id: number
  token: string
  secret: string
  account: Account
}

export const workerEnv: Env = {
  ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/' },
  // As bin/penstock starts a worker.
  ...{ MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '4194304', MALLOC_TRIM_THRESHOLD_: '8388608' },
}

/** `YYYY-MM-DD`, both inclusive. */
interface PipelineDays {
  from: string
  to: string
}

interface HousePipeline {
  name: string
  /** Where the files of its first day go, ending in `/`. */
  folder: string
  /** What holds all of its folders, ending in `/`. */
  root: string
}

export interface HouseOptions {
  /** Whether one worker works for all measures: starting one takes longer than a small export. */
  sharesWorker: boolean
  /** Settings of an event store elsewhere than in files, or of a database elsewhere than in the data directory. */
  elsewhere?: Env
  /** The folder of a PostgreSQL that is not the house's own. */
  postgresIn?: string
}

export async function openHouse(
  folder: string,
  place: ExportPlace,
  { sharesWorker, elsewhere = {}, postgresIn }: HouseOptions,
): Promise<House> {
  const dataDir = join(folder, 'penstock-data')
  await mkdir(dataDir, { recursive: true })
  const storeFolder = join(dataDir, 'events')
  const env: Env = {
    PENSTOCK_DATA_DIR: dataDir,
    PENSTOCK_STORE_URL: pathToFileURL(storeFolder).href,
    PENSTOCK_LOG_LEVEL: 'warn',
    // The bench's days lie where its cache has them, and a day is exported many times.
    PENSTOCK_BACKFILL_MONTHS_MAX: '1200',
    PENSTOCK_PIPELINES_DATED_MAX: '10000',
    PENSTOCK_IMPORT_BYTES_PER_MINUTE_MAX: String(Number.MAX_SAFE_INTEGER),
    ...place.env,
    ...elsewhere,
  }
  const serving: Promise<RunningPenstock>[] = []
  const closing = createClosing()
  closing.add(() => stopLeftServer(dataDir))
  const openExporter = (): Promise<Exporter> =>
    closing.open(
      () => startExporter({ ...workerEnv, ...env }),
      (exporter) => exporter.stop(),
    )
  let shared: Promise<Exporter> | undefined
  let pipelines = 0
  const start = (role: 'api' | 'worker', more: Env = {}): Promise<RunningPenstock> =>
    closing.open(
      () => startPenstock({ ...env, ...more }, ['--roles', role]),
      (running) => running.kill('SIGTERM'),
    )
  const api = (place = 0): Promise<RunningPenstock> => {
    const running = serving[place] ?? start('api')
    serving[place] = running
    return running
  }
  return {
    ...{ env, dataDir, storeFolder },
    api,
    createProject: async (name) => {
      const args = ['project', 'create', '--name', name]
      const created = await penstockJson<{ project_id: number; token: string; api_secret: string }>(args, env)
      const account = await place.admit(created.token)
      return { id: created.project_id, token: created.token, secret: created.api_secret, account }
    },
    createPipeline: async (project, days, selection = {}) => {
      const prefix = `${project.account.prefix}/${pipelines++}`
      const { url } = await api()
      const { from, to } = typeof days === 'string' ? { from: days, to: days } : days
      const name = await createPipeline(url, project, { from, to }, prefix, selection)
      const root = `${prefix}/${project.id}/`
      return { name, root, folder: `${root}${from.replaceAll('-', '/')}/full_day/` }
    },
    compact: () => penstockJson<Compacted>(['store', 'compact'], env),
    startExporter: async () => {
      if (!sharesWorker) return await openExporter()
      shared ??= openExporter()
      return { ...(await shared), stop: async () => undefined }
    },
    startWorkers: (count) =>
      startWorkers(env.PENSTOCK_DATABASE_URL, count, () => start('worker', workersEnv)),
    postgresPid: async () => (await readPostmaster(join(postgresIn ?? dataDir, 'postgres')))?.pid,
    close: () => closing.close(),
  }
}

/** A worker that was killed has not stopped the database that it was the last to use. */
async function stopLeftServer(dataDir: string): Promise<void> {
  if ((await readPostmaster(join(dataDir, 'postgres'))) === undefined) return
  await (await openEmbeddedPostgres(dataDir)).release()
}

async function createPipeline(
  url: string,
  { secret, account }: HouseProject,
  { from, to }: PipelineDays,
  prefix: string,
  { events = [], where }: Selection,
): Promise<string> {
  const form: [string, string][] = [
    ['type', 's3-raw'],
    ['from_date', from],
    ['to_date', to],
    ['s3_bucket', account.bucketName],
    ['s3_region', account.region],
    ['s3_role', account.role],
    ['s3_prefix', prefix],
    // What is timed and checked here is what comes after it.
    ['skip_check', 'true'],
    ...events.map((event): [string, string] => ['events', event]),
    ...(where === undefined ? [] : [['where', where] as [string, string]]),
  ]
  const answer = await fetch(`${url}/api/2.0/nessie/pipeline/create`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` },
    body: new URLSearchParams(form),
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`create was answered ${answer.status}: ${text}`)
  return (JSON.parse(text) as { pipeline_names: [string] }).pipeline_names[0]
}
