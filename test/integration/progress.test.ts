import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { insertPipeline } from '../support/pipeline-rows.ts'
import { type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

const nowMs = Date.parse('2024-03-01T20:00:00Z')

let server: PipelineServer
let project: CreatedProject
beforeAll(async () => {
  server = await startPipelineServer(nowMs)
  project = await server.project('America/Los_Angeles')
})
afterAll(() => server.close())

/** `count` hourly folders from `first` on, each of 100 events and 1000 bytes where they are done. */
async function runs(pipelineId: number, first: number, count: number, state: string, finishedAgoSeconds = 0) {
  const done = state === 'succeeded'
  const finishedMs = nowMs - finishedAgoSeconds * 1000
  await sql`
    insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at, started_at, finished_at,
      files, events, bytes)
    select ${pipelineId}, hour, 1, 'export', true, ${state}, now(), now(), now(),
      ${done ? new Date(finishedMs - 10_000) : null}::timestamptz, ${done ? new Date(finishedMs) : null}::timestamptz,
      ${done ? 1 : null}::integer, ${done ? 100 : null}::bigint, ${done ? 1000 : null}::bigint
    from generate_series(${first}::integer, ${first + count - 1}::integer) as hour`.execute(
    server.database.db,
  )
}

async function progressOf(name: string) {
  const { json } = await server.call(project.apiSecret, 'jobs')
  return json[project.projectId].find((job: { name: string }) => job.name === name).progress
}

test('a backfill of years shows how far it is, how fast, and when it ends', {
  timeout: 120_000,
}, async () => {
  const name = 'years'
  const id = await insertPipeline(server.database.db, project.projectId, { name, frequency: 'hourly' })
  expect(await progressOf(name)).toBeUndefined()
  await runs(id, 300_000, 20_000, 'pending')
  const none = { folders_done: 0, folders_to_do: 20_000, folders_failed: 0, events_done: 0, bytes_done: 0 }
  expect(await progressOf(name)).toEqual(none)
  await runs(id, 400_000, 79_900, 'succeeded', 3600)
  await runs(id, 500_000, 100, 'succeeded', 90)
  await runs(id, 600_000, 3, 'failed')
  const far = {
    ...{ folders_done: 80_000, folders_to_do: 20_000, folders_failed: 3 },
    ...{ events_done: 8_000_000, bytes_done: 80_000_000, events_to_do: 2_000_000, bytes_to_do: 20_000_000 },
    ...{ events_per_second: 100, bytes_per_second: 1000 },
  }
  // A hundred folders in the last 100 seconds: 20,000 more take as many.
  expect(await progressOf(name)).toEqual({ ...far, estimated_end: '2024-03-01T17:33:20-08:00' })
  await server.call(project.apiSecret, 'pause', { name })
  expect(await progressOf(name)).toEqual(far)
})

test('status shows of each run how far it is, how fast, and when it ends, each in its turn', {
  timeout: 120_000,
}, async () => {
  const name = 'runs'
  const id = await insertPipeline(server.database.db, project.projectId, { name, frequency: 'hourly' })
  await runs(id, 500_000, 10, 'succeeded', 90)
  await runs(id, 600_000, 3, 'pending')
  await runs(id, 610_000, 1, 'failed')
  await sql`
    update run set state = 'running', worker_id = 'w', lease_until = now(), started_at = ${new Date(nowMs - 4000)},
      files = 1, events = 60, bytes = 400
    where pipeline_id = ${id} and local_hour = 600000`.execute(server.database.db)
  const status = async () => (await server.call(project.apiSecret, `status?name=${name}`)).json
  const { succeeded, running, pending, failed } = await status()
  const rest = { events_to_do: 0, bytes_to_do: 0 }
  expect(succeeded[0]).toMatchObject({
    events: 100,
    progress: { events_done: 100, bytes_done: 1000, ...rest, events_per_second: 10, bytes_per_second: 100 },
  })
  // Ten folders in the last 100 seconds: one takes ten of them.
  expect(running[0].progress).toEqual({
    ...{ events_done: 60, bytes_done: 400, events_to_do: 40, bytes_to_do: 600 },
    ...{ events_per_second: 15, bytes_per_second: 100, estimated_end: '2024-03-01T12:00:10-08:00' },
  })
  expect(running[0].events).toBeUndefined()
  const none = { events_done: 0, bytes_done: 0, events_to_do: 100, bytes_to_do: 1000 }
  expect(pending.map((run: { progress: object }) => run.progress)).toEqual([
    { ...none, estimated_end: '2024-03-01T12:00:20-08:00' },
    { ...none, estimated_end: '2024-03-01T12:00:30-08:00' },
  ])
  expect(failed[0].progress).toBeUndefined()
  await server.call(project.apiSecret, 'pause', { name })
  expect((await status()).pending[0].progress).toEqual(none)
})
