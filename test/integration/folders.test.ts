/** `folders` and `history`: what has become of each folder, and whether everything is there. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { firstHourOf } from '../../src/control/pipelines/calendar-date.ts'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import type { LocalHour, PipelineId } from '../../src/ids.ts'
import { insertDelivered, insertMembers } from '../support/folder-rows.ts'
import { insertPipeline, insertRun } from '../support/pipeline-rows.ts'
import { base, basic, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

// In Los Angeles it is noon of 1 March.
const nowMs = Date.parse('2024-03-01T20:00:00Z')

let server: PipelineServer
let project: CreatedProject
let other: CreatedProject
let commits = 0
beforeAll(async () => {
  server = await startPipelineServer(nowMs)
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.project('America/Los_Angeles')
  other = await server.project()
})

const day = (date: string) => firstHourOf(date)

function daily(columns: object = {}): Promise<PipelineId> {
  return insertPipeline(server.database.db, project.projectId, {
    name: 'days',
    from_date: '2024-02-24',
    next_local_hour: day('2024-02-29'),
    next_due_at: new Date(nowMs),
    ...columns,
  })
}

/** The commit. */
async function arrive(date: string, events: number, count = 1): Promise<number> {
  commits += 1
  const hours = { first: day(date) + 3, count, step: 24, events }
  await insertMembers(server.database.db, project.projectId, commits, hours)
  return commits
}

async function folders(query: string, secret = project.apiSecret) {
  const answer = await server.call(secret, `folders?${query}`)
  expect(answer.status, JSON.stringify(answer.json)).toBe(200)
  return answer.json
}

test('each folder is in the state that it is in, and what is outstanding is told', async () => {
  const id = await daily()
  const { db } = server.database
  const seen = await arrive('2024-02-24', 110, 6)
  const delivered = { hours: 24, events: 100, duplicates: 10, exportedAt: '2024-02-28T08:30:04Z' } as const
  await insertDelivered(db, id, { ...delivered, first: day('2024-02-24'), count: 2, seen })
  // Late events came for the second day.
  await arrive('2024-02-25', 7)
  const failure = { error_code: 'S3_PUT_DENIED', error_message: 'denied', finished_at: new Date(nowMs) }
  await insertRun(db, id, { local_hour: day('2024-02-26'), state: 'failed', ...failure })
  const held = { worker_id: 'w', lease_until: new Date(nowMs), started_at: new Date(nowMs) }
  await insertRun(db, id, { local_hour: day('2024-02-27'), state: 'running', attempt: 1, ...held })
  await insertRun(db, id, { local_hour: day('2024-02-28') })

  const answer = await folders('name=days')
  const none = { events: 0, bytes: 0, files: 0, duplicates: 0 }
  const done = {
    events: 100,
    bytes: 1000,
    files: 1,
    duplicates: 10,
    exported_at: '2024-02-28T00:30:04-08:00',
  }
  expect(answer.cells).toEqual([
    { date: '2024-02-24', state: 'delivered', ...done },
    { date: '2024-02-25', state: 'late_pending', ...done },
    { date: '2024-02-26', state: 'failed', ...none, error: { code: 'S3_PUT_DENIED', message: 'denied' } },
    { date: '2024-02-27', state: 'running', ...none },
    { date: '2024-02-28', state: 'pending', ...none },
    // Due since half past midnight, and no scheduler has planned it yet.
    { date: '2024-02-29', state: 'pending', ...none },
    { date: '2024-03-01', state: 'not_due', ...none, due_at: '2024-03-02T00:30:00-08:00' },
  ])
  expect(answer).toMatchObject({
    from_date: '2024-02-24',
    to_date: '2024-03-01',
    by: 'folder',
    selects_all: true,
  })
  expect(answer.totals).toEqual({
    folders: { delivered: 1, late_pending: 1, failed: 1, running: 1, pending: 2, not_due: 1 },
    events_in_store: 667,
    events_not_due: 0,
    events_delivered: 200,
    bytes_delivered: 2000,
    files: 2,
    duplicates: 20,
    events_outstanding: 447,
  })
})

test('of days that are whole nothing is outstanding, whatever today still brings', async () => {
  const id = await daily()
  const seen = await arrive('2024-02-24', 100, 6)
  await arrive('2024-03-01', 31)
  const first = day('2024-02-24')
  await insertDelivered(server.database.db, id, {
    ...{ first, count: 6, hours: 24, events: 98, duplicates: 2, seen, exportedAt: '2024-03-01T08:30:00Z' },
  })
  await server.database.db
    .updateTable('pipeline')
    .set({ next_local_hour: day('2024-03-01') })
    .execute()
  const { totals } = await folders('name=days')
  expect(totals).toMatchObject({ events_in_store: 631, events_not_due: 31, events_outstanding: 0 })
})

test('of a pipeline that selects events the store does not tell how many are outstanding', async () => {
  await daily({ events: ['a'] })
  await arrive('2024-02-24', 100)
  const { totals, selects_all } = await folders('name=days')
  expect([totals.events_in_store, totals.events_outstanding, selects_all]).toEqual([100, null, false])
})

test('lines of several hours that stand in one member are counted hour by hour', async () => {
  const id = await daily()
  commits += 1
  await insertMembers(server.database.db, project.projectId, commits, {
    first: day('2024-02-24'),
    count: 1,
    events: 9,
  })
  await server.database.pool.query(
    `update member set last_hour = local_hour + 30, hour_counts = array[local_hour, 4, local_hour + 30, 5] where segment_id = $1`,
    [`${project.projectId}-${commits}`],
  )
  const delivered = { hours: 24, events: 4, exportedAt: '2024-02-28T08:30:04Z', seen: commits } as const
  await insertDelivered(server.database.db, id, { ...delivered, first: day('2024-02-24'), count: 1 })
  const one = await folders('name=days&from_date=2024-02-24&to_date=2024-02-24')
  expect([one.totals.events_in_store, one.totals.events_outstanding]).toEqual([4, 0])
  const both = await folders('name=days&from_date=2024-02-24&to_date=2024-02-25')
  expect(both.totals.events_in_store).toBe(9)
})

test('100,000 hourly folders are summed up by months, days or one by one, in bounded answers', {
  timeout: 120_000,
}, async () => {
  const { db } = server.database
  const first = day('2012-10-04')
  const count = 100_000
  const next = (first + count) as LocalHour
  const columns = {
    name: 'hours',
    frequency: 'hourly',
    from_date: '2012-10-04',
    next_local_hour: next,
  } as const
  const id = await insertPipeline(db, project.projectId, { ...columns, next_due_at: new Date(nowMs) })
  commits += 1
  const seen = commits
  await insertMembers(db, project.projectId, seen, { first, count, events: 50 })
  const delivered = { hours: 1, events: 50, exportedAt: '2024-02-28T08:30:04Z' } as const
  await insertDelivered(db, id, { ...delivered, first, count, seen })
  await arrive('2024-02-01', 3)

  const all = await folders('name=hours')
  expect(all.by).toBe('month')
  expect(all.cells).toHaveLength(138)
  expect(all.cells[1]).toMatchObject({
    date: '2012-11',
    state: 'delivered',
    folders: { delivered: 720 },
    events: 36_000,
  })
  expect(all.cells.find(({ date }: { date: string }) => date === '2024-02').folders).toMatchObject({
    late_pending: 1,
  })
  expect(all.totals).toMatchObject({
    events_in_store: 5_000_003,
    events_delivered: 5_000_000,
    events_outstanding: 3,
  })

  const days = await folders('name=hours&from_date=2022-01-01&to_date=2023-12-31')
  expect([days.by, days.cells.length, days.cells[0].date]).toEqual(['day', 730, '2022-01-01'])
  const hours = await folders('name=hours&from_date=2023-03-01&to_date=2023-03-31')
  expect([hours.by, hours.cells.length, hours.cells[25]]).toMatchObject([
    'folder',
    744,
    { date: '2023-03-02', hour: '01', state: 'delivered', events: 50 },
  ])
  const tooMany = await server.call(project.apiSecret, 'folders?name=hours&by=folder')
  expect(tooMany.status).toBe(400)
  expect(tooMany.json.error).toContain('1100 are answered at most')
})

test('a project with 500 pipelines lists them, and each answers for itself', async () => {
  const { db } = server.database
  await Array.fromAsync({ length: 500 }, (_, place) =>
    insertPipeline(db, project.projectId, {
      name: `p-${place}`,
      next_local_hour: day('2024-01-01'),
      next_due_at: new Date(nowMs),
    }),
  )
  const { json } = await server.call(project.apiSecret, 'jobs')
  expect(json[project.projectId]).toHaveLength(500)
  expect((await folders('name=p-499')).cells).toHaveLength(61)
})

test('nobody sees the folders of another project, nor whether it has them', async () => {
  await daily()
  const unknown = await server.call(other.apiSecret, 'folders?name=days')
  const never = await server.call(project.apiSecret, 'folders?name=none')
  expect([unknown.status, never.status]).toEqual([404, 404])
  expect(unknown.json.error.replace('days', 'none')).toBe(never.json.error)
  const named = await server.call(other.apiSecret, `folders?name=days&project_id=${project.projectId}`)
  expect(named.status).toBe(403)
  for (const call of ['history', 'verify']) {
    const query = `name=days&date=2024-02-24`
    const method = call === 'verify' ? 'POST' : 'GET'
    const headers = { authorization: basic(`${other.apiSecret}:`) }
    const answer = await server.app.inject({ method, url: `${base}/${call}?${query}`, headers })
    expect(answer.statusCode, call).toBe(404)
  }
})

test('events of another project are nobody else’s late events', async () => {
  const id = await daily()
  const seen = await arrive('2024-02-24', 100)
  const delivered = { hours: 24, events: 100, exportedAt: '2024-02-28T08:30:04Z' } as const
  await insertDelivered(server.database.db, id, { ...delivered, first: day('2024-02-24'), count: 1, seen })
  commits += 1
  await insertMembers(server.database.db, other.projectId, commits, {
    first: day('2024-02-24'),
    count: 24,
    events: 5,
  })
  const { cells } = await folders('name=days&from_date=2024-02-24&to_date=2024-02-24')
  expect(cells[0].state).toBe('delivered')
})

test('the history of a folder has each of its attempts, with what ended it', async () => {
  const id = await daily()
  const { db } = server.database
  const at = (time: string) => new Date(`2024-02-25T${time}Z`)
  const runId = await insertRun(db, id, { local_hour: day('2024-02-24'), due_at: at('08:30:00') })
  const work = (columns: object) => db.updateTable('run').set(columns).where('id', '=', runId).execute()
  const held = { state: 'running', worker_id: 'w', lease_until: new Date(nowMs) }
  const over = { worker_id: null, lease_until: null }
  await work({ ...held, attempt: 1, started_at: at('08:30:00'), files: 1, events: 20, bytes: 200 })
  const throttled = { error_code: 'S3_THROTTLED', error_message: 'fewer requests' }
  await work({
    ...over,
    ...throttled,
    state: 'retried',
    finished_at: at('08:30:09'),
    not_before: at('08:30:11'),
  })
  await work({
    ...held,
    attempt: 2,
    started_at: at('08:30:11'),
    finished_at: null,
    files: null,
    events: null,
    bytes: null,
  })
  // Taken over: the second worker fell silent.
  await work({ attempt: 3, started_at: at('08:31:00') })
  const result = { files: 2, events: 50, bytes: 500, error_code: null, error_message: null }
  await work({ ...over, ...result, state: 'succeeded', finished_at: at('08:31:04') })

  const { json } = await server.call(project.apiSecret, 'history?name=days&date=2024-02-24')
  expect(json.folder).toBe(`${project.projectId}/2024/02/24/full_day/`)
  expect(json.runs).toEqual([
    { kind: 'export', state: 'succeeded', due_at: '2024-02-25T00:30:00-08:00', attempts: 3 },
  ])
  const attempt = (number: number, end: string, from: string, to: string, written: number[]) => ({
    ...{
      kind: 'export',
      attempt: number,
      end,
      started_at: `2024-02-25T${from}-08:00`,
      ended_at: `2024-02-25T${to}-08:00`,
    },
    ...{ files: written[0], events: written[1], bytes: written[2] },
  })
  expect(json.attempts).toEqual([
    attempt(3, 'succeeded', '00:31:00', '00:31:04', [2, 50, 500]),
    {
      ...attempt(2, 'retried', '00:30:11', '00:31:00', [0, 0, 0]),
      error: {
        code: 'RUN_LEASE_LOST',
        message: expect.stringContaining('another one has taken the run over'),
      },
    },
    {
      ...attempt(1, 'retried', '00:30:00', '00:30:09', [1, 20, 200]),
      error: { code: 'S3_THROTTLED', message: 'fewer requests' },
    },
  ])
})

test('a folder keeps its newest attempts, and one that was never planned has no history', async () => {
  const id = await daily()
  await insertRun(server.database.db, id, { local_hour: day('2024-02-24') })
  for (let attempt = 1; attempt <= 105; attempt++) {
    const work = (set: string) =>
      server.database.pool.query(`update run set ${set} where pipeline_id = $1`, [id])
    await work(
      `state = 'running', attempt = ${attempt}, worker_id = 'w', lease_until = now(), started_at = now()`,
    )
    await work(`state = 'retried', worker_id = null, lease_until = null, finished_at = now()`)
  }
  const { json } = await server.call(project.apiSecret, 'history?name=days&date=2024-02-24')
  expect(json.attempts.map(({ attempt }: { attempt: number }) => attempt)).toEqual(
    Array.from({ length: 100 }, (_, place) => 105 - place),
  )
  const none = await server.call(project.apiSecret, 'history?name=days&date=2024-02-25')
  expect(none.status).toBe(404)
})
