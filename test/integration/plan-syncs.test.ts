import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { RunNudge } from '../../src/control/jobs/run-jobs.ts'
import type { RunState } from '../../src/control/runs/run-state.ts'
import type { SeenWindow } from '../../src/data/store/member-index.ts'
import type { CommitNumber, LocalHour, PipelineId } from '../../src/ids.ts'
import { planLateSyncs } from '../../src/workflows/plan-late-syncs.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { insertPipeline, insertProject, insertRun } from '../support/pipeline-rows.ts'
import { silentLog } from '../support/silent-log.ts'

const hourMs = 3_600_000
const startMs = Date.parse('2024-03-20T12:34:56Z')

let database: TestDatabase
let nowMs = startMs
let nudges: RunNudge[] = []
/** What the store was asked about, and the dates that have grown. */
let asked: SeenWindow[] = []
let grown: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  await database.db.deleteFrom('project').execute()
  nowMs = startMs
  nudges = []
  asked = []
  grown = []
})
afterAll(() => database.drop())

const hourOf = (date: string) => (Date.parse(date) / hourMs) as LocalHour
const dateOf = (hour: number) => new Date(hour * hourMs).toISOString().slice(0, 10)

async function look(atMs = nowMs): Promise<string[]> {
  nowMs = atMs
  asked = []
  await planLateSyncs({
    db: database.db,
    store: {
      newerThan: async (_projectId, windows) => {
        asked = [...windows]
        return windows.flatMap(({ fromHour }, place) => (grown.includes(dateOf(fromHour)) ? [place] : []))
      },
    },
    jobs: { enqueue: async (_tx, added) => void nudges.push(...added) },
    clock: { nowMs: () => nowMs },
    log: silentLog,
    syncIntervalMs: hourMs,
    syncDaysMax: 10,
  })
  return asked.map(({ fromHour }) => dateOf(fromHour))
}

/** A daily pipeline of which these days are finished, each with everything up to commit 7. */
async function pipelineWith(dates: string[], timeZone = 'UTC', columns = {}): Promise<PipelineId> {
  const pipelineId = await insertPipeline(database.db, await insertProject(database.db, timeZone), columns)
  for (const date of dates) {
    await database.db
      .insertInto('folder')
      .values({
        pipeline_id: pipelineId,
        local_hour: hourOf(date),
        hours: 24,
        seen_commit: 7 as CommitNumber,
        selection: null,
        duplicates: null,
        exported_at: new Date(0),
      })
      .execute()
  }
  return pipelineId
}

async function syncs() {
  const rows = await database.db
    .selectFrom('run')
    .select(['id', 'local_hour', 'state'])
    .where('kind', '=', 'sync')
    .orderBy('local_hour')
    .execute()
  return rows.map(({ id, local_hour: hour, state }) => ({ id, date: dateOf(hour), state }))
}

test('the days of the last ten that have grown are synced, the newest first', async () => {
  await pipelineWith(['2024-03-09', '2024-03-10', '2024-03-18', '2024-03-19'])
  grown = ['2024-03-09', '2024-03-10', '2024-03-19']
  expect(await look()).toEqual(['2024-03-10', '2024-03-18', '2024-03-19'])
  expect(asked[0]).toEqual({ fromHour: hourOf('2024-03-10'), toHour: hourOf('2024-03-11'), seen: 7 })
  const planned = await syncs()
  expect(planned.map(({ date, state }) => [date, state])).toEqual([
    ['2024-03-10', 'pending'],
    ['2024-03-19', 'pending'],
  ])
  const firstFirst = nudges.toSorted((left, right) => right.priority - left.priority)
  expect(firstFirst.map(({ runId }) => runId)).toEqual(planned.map(({ id }) => id).reverse())
})

test("the last ten days are those of the project's calendar", async () => {
  await pipelineWith(['2024-03-10', '2024-03-11'], 'Pacific/Kiritimati')
  expect(await look(Date.parse('2024-03-20T09:59:00Z'))).toEqual(['2024-03-10', '2024-03-11'])
  expect(await look(Date.parse('2024-03-20T10:00:00Z'))).toEqual(['2024-03-11'])
})

test('one look an hour, on the hour; what was missed is looked for at once', async () => {
  await pipelineWith(['2024-03-19'])
  expect(await look()).toEqual(['2024-03-19'])
  expect(await look(Date.parse('2024-03-20T12:59:59Z'))).toEqual([])
  expect(await look(Date.parse('2024-03-20T13:00:00Z'))).toEqual(['2024-03-19'])
  expect(await look(Date.parse('2024-03-21T05:43:21Z'))).toEqual(['2024-03-19'])
  expect(await look(Date.parse('2024-03-21T05:59:59Z'))).toEqual([])
})

test('a clock that is set back does not keep late events waiting', async () => {
  await pipelineWith(['2024-03-19'])
  await look(Date.parse('2024-03-27T12:00:00Z'))
  expect(await look(Date.parse('2024-03-20T12:00:00Z'))).toEqual(['2024-03-19'])
})

test('nothing is looked for where late events are not wanted, or a pipeline is paused or removed', async () => {
  await pipelineWith(['2024-03-19'], 'UTC', { sync: false })
  await pipelineWith(['2024-03-19'], 'UTC', { state: 'paused' })
  await pipelineWith(['2024-03-19'], 'UTC', { state: 'removed' })
  expect(await look()).toEqual([])
})

test.each<RunState>(['pending', 'running', 'retried'])(
  'while a sync of the folder is %s, none is planned beside it',
  async (state) => {
    const pipelineId = await pipelineWith(['2024-03-19'])
    const held = state === 'running' ? { worker_id: 'w', lease_until: new Date(nowMs) } : {}
    await insertRun(database.db, pipelineId, {
      local_hour: hourOf('2024-03-19'),
      kind: 'sync',
      state,
      ...held,
    })
    grown = ['2024-03-19']
    const before = await syncs()
    await look()
    expect(await syncs()).toEqual(before)
  },
)

test.each<RunState>(['succeeded', 'failed', 'timed_out'])(
  'a new sync takes the place of one that has %s',
  async (state) => {
    const pipelineId = await pipelineWith(['2024-03-18', '2024-03-19'])
    const local_hour = hourOf('2024-03-19')
    await insertRun(database.db, pipelineId, { local_hour, state: 'succeeded' })
    const older = await insertRun(database.db, pipelineId, { local_hour, kind: 'sync', state })
    grown = ['2024-03-18']
    await look()
    expect((await syncs()).map(({ id }) => id)).toContain(older)
    grown = ['2024-03-19']
    await look(nowMs + hourMs)
    const [, newer] = await syncs()
    expect(newer).toMatchObject({ date: '2024-03-19', state: 'pending' })
    expect(newer?.id).not.toBe(older)
    expect(nudges.at(-1)?.runId).toBe(newer?.id)
  },
)

test('processes that look at the same moment plan each sync once', async () => {
  await pipelineWith(['2024-03-19'])
  grown = ['2024-03-19']
  await Promise.all(Array.from({ length: 5 }, () => look()))
  expect(await syncs()).toHaveLength(1)
  expect(nudges).toHaveLength(1)
})
