import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import type { RunState } from '../../src/control/runs/run-state.ts'
import type { CommitNumber, LocalHour, PipelineId } from '../../src/ids.ts'
import { insertPipeline, insertRun } from '../support/pipeline-rows.ts'
import { type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

const day = 473_352 as LocalHour
const hourMs = 3_600_000

let server: PipelineServer
let project: CreatedProject
beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.project('US/Pacific')
})

const timeline = async (name: string) => (await server.call(project.apiSecret, `timeline?name=${name}`)).json

async function insertFolder(
  pipelineId: PipelineId,
  localHour: number,
  state: RunState,
  { hours = 24, times = [] }: { hours?: 1 | 24; times?: string[] } = {},
): Promise<void> {
  const { db } = server.database
  await insertRun(db, pipelineId, { local_hour: localHour, hours, state })
  const [exported, ...synced] = times.map((time) => new Date(time))
  if (exported === undefined) return
  const row = { hours, seen_commit: 1 as CommitNumber, selection: null, duplicates: null }
  await db
    .insertInto('folder')
    .values({
      ...row,
      pipeline_id: pipelineId,
      local_hour: localHour as LocalHour,
      exported_at: exported,
      synced_at: synced,
    })
    .execute()
}

test('a day shows when it was exported and synced, in the zone, and what has become of it', async () => {
  const pipelineId = await insertPipeline(server.database.db, project.projectId, {
    name: 'daily',
    next_local_hour: (day + 96) as LocalHour,
    next_due_at: new Date(0),
  })
  const times = ['2024-01-02T08:30:07.250Z', '2024-01-02T10:00:00Z', '2024-07-01T10:00:00.044Z']
  await insertFolder(pipelineId, day, 'succeeded', { times })
  await insertFolder(pipelineId, day + 24, 'failed')
  await insertFolder(pipelineId, day + 48, 'retried')
  await insertFolder(pipelineId, day + 72, 'succeeded', { times: ['2024-01-05T08:30:00Z'] })
  await insertRun(server.database.db, pipelineId, { local_hour: day + 72, kind: 'sync', state: 'pending' })
  expect(await timeline('daily')).toEqual({
    day_syncs: [
      {
        date: '2024-01-01',
        sync_times: [
          '2024-01-02 00:30:07.25 -0800 PST',
          '2024-01-02 02:00:00 -0800 PST',
          '2024-07-01 03:00:00.044 -0700 PDT',
        ],
        status: 'synced',
      },
      { date: '2024-01-02', sync_times: [], status: 'failed' },
      { date: '2024-01-03', sync_times: [], status: 'pending' },
      { date: '2024-01-04', sync_times: ['2024-01-05 00:30:00 -0800 PST'], status: 'pending' },
    ],
  })
})

test('the hours of a day are one day, which is pending until its last hour is exported', async () => {
  const pipelineId = await insertPipeline(server.database.db, project.projectId, {
    name: 'hourly',
    frequency: 'hourly',
    next_local_hour: (day + 26) as LocalHour,
    next_due_at: new Date(0),
  })
  const timeOf = (hour: number) => new Date((day + hour) * hourMs + 8.5 * hourMs).toISOString()
  for (const hour of [22, 23, 24, 25]) {
    await insertFolder(pipelineId, day + hour, 'succeeded', { hours: 1, times: [timeOf(hour)] })
  }
  const { day_syncs: days } = await timeline('hourly')
  expect(days).toMatchObject([
    { date: '2024-01-01', status: 'synced' },
    { date: '2024-01-02', status: 'pending' },
  ])
  expect(days.map((each: { sync_times: string[] }) => each.sync_times.length)).toEqual([2, 2])
})

test('a pipeline that has planned nothing yet has no days; an unknown one is 404; POST is taken too', async () => {
  await insertPipeline(server.database.db, project.projectId, { name: 'new' })
  expect(await timeline('new')).toEqual({ day_syncs: [] })
  const posted = await server.call(project.apiSecret, 'timeline', { name: 'new' })
  expect(posted).toMatchObject({ status: 200, json: { day_syncs: [] } })
  const unknown = await server.call(project.apiSecret, 'timeline?name=other')
  expect(unknown).toMatchObject({ status: 404, json: { status: 'error' } })
})
