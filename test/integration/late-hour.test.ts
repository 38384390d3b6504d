/**
 * Late events of the last ten days are in their folders within ten minutes after the hour, by a clock that the test sets.
 *
 * 1. A daily and an hourly pipeline of a zone that is three quarters of an hour from the hour have exported eleven days.
 * 2. At some minute late events come for each of the days. The scheduler looks once a minute from then on, and workers do at
 *    once what it says.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunNudge } from '../../src/control/jobs/run-jobs.ts'
import { firstHourOf } from '../../src/control/pipelines/calendar-date.ts'
import { dedupKey } from '../../src/data/ingest/dedup-key.ts'
import type { LocalHour, PipelineId, ProjectId } from '../../src/ids.ts'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import { planLateSyncs } from '../../src/workflows/plan-late-syncs.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun } from '../support/pipeline-rows.ts'
import { silentLog } from '../support/silent-log.ts'

const minuteMs = 60_000
const zone = 'Asia/Kathmandu'
const offsetSeconds = 20_700
/** In the zone it is the 20th, 16:02. */
const startMs = Date.parse('2024-03-20T10:17:00Z')
const dates = Array.from({ length: 12 }, (_, index) => `2024-03-${String(8 + index).padStart(2, '0')}`)

let database: TestDatabase
let threads: ThreadPool
let folder: string
let world: ExportWorld
let projectId: ProjectId

beforeAll(async () => {
  database = await createTestDatabase()
  threads = createThreadPool(1)
  folder = await mkdtemp(join(tmpdir(), 'penstock-late-hour-'))
  world = await createExportWorld({ db: database.db, threads, folder, startMs })
  projectId = await insertProject(database.db, zone)
})
afterAll(async () => {
  await threads?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

/** The event of a date's seventh hour, by the zone's clocks. */
function eventOf(date: string, id: string) {
  const time = Date.parse(date) / 1000 + 6 * 3600 - offsetSeconds
  return { event: 'Viewed', properties: { time, distinct_id: 'ann', $insert_id: id, payload: '' } }
}

async function exportDays(prefix: string, hours: 1 | 24, sync: boolean): Promise<PipelineId> {
  const frequency = hours === 24 ? 'daily' : 'hourly'
  const pipelineId = await insertPipeline(database.db, projectId, { s3_prefix: prefix, frequency, sync })
  for (const date of dates) {
    const local_hour = (firstHourOf(date) + (hours === 24 ? 0 : 6)) as LocalHour
    await world.work(await insertRun(database.db, pipelineId, { local_hour, hours, kind: 'export' }))
  }
  return pipelineId
}

async function look(): Promise<void> {
  const nudged: RunNudge[] = []
  await planLateSyncs({
    ...{ db: database.db, store: world.store, clock: world.clock, log: silentLog },
    jobs: { enqueue: async (_tx, nudges) => void nudged.push(...nudges) },
    ...{ syncIntervalMs: 60 * minuteMs, syncDaysMax: 10 },
  })
  for (const { runId } of nudged) await world.work(runId)
}

const keyOf = (prefix: string, date: string, last: string) =>
  `${prefix}/${projectId}/${date.replaceAll('-', '/')}/${last}/`

/** The dates whose folders have the late event, finished. */
function datesWithLate(prefix: string, last: string): string[] {
  return dates.filter((date) => {
    const key = keyOf(prefix, date, last)
    const isFinished = world.bucket.objects.has(`${key}complete`)
    return isFinished && world.bucket.lines(key).some((line) => line.includes('"late"'))
  })
}

test('within ten minutes after the hour, late events of the last ten days are in daily and hourly folders', async () => {
  await world.append(
    projectId,
    zone,
    dates.map((date) => eventOf(date, 'early')),
    dedupKey,
  )
  await exportDays('daily', 24, true)
  await exportDays('hourly', 1, true)
  await exportDays('unsynced', 24, false)
  await look()
  world.clock.ms += 5 * minuteMs
  await world.append(
    projectId,
    zone,
    dates.map((date) => eventOf(date, 'late')),
    dedupKey,
  )

  const asked = world.bucket.requests.length
  const nextHourMs = Date.parse('2024-03-20T11:00:00Z')
  for (; world.clock.ms < nextHourMs; world.clock.ms += minuteMs) await look()
  expect(world.bucket.requests.slice(asked)).toEqual([])

  for (; world.clock.ms <= nextHourMs + 10 * minuteMs; world.clock.ms += minuteMs) await look()
  const lastTen = dates.filter((date) => date >= '2024-03-10')
  expect(datesWithLate('daily', 'full_day')).toEqual(lastTen)
  expect(datesWithLate('hourly', '06')).toEqual(lastTen)
  expect(datesWithLate('unsynced', 'full_day')).toEqual([])

  // A reader that waits for `complete` saw none while the folder changed.
  for (const key of lastTen.flatMap((date) => [
    keyOf('daily', date, 'full_day'),
    keyOf('hourly', date, '06'),
  ])) {
    const writes = world.bucket.requests.slice(asked).filter((request) => !request.startsWith('list'))
    const ofFolder = writes
      .filter((request) => request.includes(key))
      .map((request) => request.replace(key, ''))
    expect(ofFolder, key).toEqual(['delete complete', expect.stringMatching(/^put part-/), 'put complete'])
  }
})
