import { expect, test } from 'vitest'
import { refuseRun } from '../../src/control/runs/finish-run.ts'
import type { RunId } from '../../src/ids.ts'
import { pipelinesStage, startMs } from '../support/pipelines-stage.ts'

const stage = pipelinesStage()
const { call, create, claim, succeed } = stage

test('jobs shows each pipeline as the reference does, backfilling until its backfill is done', async () => {
  await create({ from_date: '2024-02-29' })
  const entry = {
    name: 'events-daily-s3-raw',
    Dispatcher: 'backfill',
    last_dispatched: '2024-03-01 12:00:00 US/Pacific',
    frequency: 'daily',
    sync_enabled: 'true',
    state: 'active',
  }
  const none = { folders_done: 0, folders_to_do: 1, folders_failed: 0, events_done: 0, bytes_done: 0 }
  expect((await call(`jobs?project_id=${stage.project.projectId}`)).json).toEqual({
    [stage.project.projectId]: [{ ...entry, progress: none }],
  })
  await succeed(stage.server.nudged[0]?.runId as RunId)
  const progress = { ...none, folders_done: 1, folders_to_do: 0, events_done: 20, bytes_done: 300 }
  expect((await call('jobs', {})).json).toMatchObject({
    [stage.project.projectId]: [{ ...entry, Dispatcher: 'live', progress }],
  })
})

test('a pipeline whose days are all to come has dispatched nothing yet', async () => {
  await create({ from_date: '2024-04-01' })
  const [job] = (await call('jobs')).json[stage.project.projectId]
  expect(job).toMatchObject({ Dispatcher: 'live', last_dispatched: '0000-12-31 16:00:00 US/Pacific' })
  expect((await call('status?name=events-daily-s3-raw')).json).toEqual({})
})

test('status shows runs by state, with times in the zone, and says when one never finished', async () => {
  await create({ from_date: '2024-02-28' })
  const [first, second] = stage.server.nudged.map((nudge) => nudge.runId)
  await succeed(first as RunId)
  const { json } = await call('status?name=events-daily-s3-raw')
  expect(json).toEqual({
    succeeded: [
      {
        project_id: stage.project.projectId,
        name: 'events-daily-s3-raw',
        state: 'succeeded',
        last_finish: '2024-03-01T12:00:00-08:00',
        run_at: '2024-02-29T00:30:00-08:00',
        from_date: '2024-02-28T00:00:00-08:00',
        to_date: '2024-02-28T00:00:00-08:00',
        kind: 'export',
        attempts: 1,
        files: 1,
        events: 20,
        bytes: 300,
        progress: { events_done: 20, bytes_done: 300, events_to_do: 0, bytes_to_do: 0 },
      },
    ],
    pending: [
      expect.objectContaining({
        last_finish: '0000-12-31T16:00:00-08:00',
        from_date: '2024-02-29T00:00:00-08:00',
      }),
    ],
  })
  expect(second).toBeDefined()
})

test('status filters by state, repeatedly, and counts with summary=true', async () => {
  await create({ from_date: '2024-02-27' })
  await succeed(stage.server.nudged[0]?.runId as RunId)
  const name = 'name=events-daily-s3-raw'
  expect(Object.keys((await call(`status?${name}&status=succeeded`)).json)).toEqual(['succeeded'])
  expect((await call(`status?${name}&status=failed&status=running`)).json).toEqual({})
  expect((await call(`status?${name}&summary=true`)).json).toEqual({ pending: 2, succeeded: 1 })
  expect((await call(`status?${name}&summary=true&status=pending`)).json).toEqual({ pending: 2 })
  expect(
    (await call('status', { name: 'events-daily-s3-raw', status: ['pending', 'failed'] })).json,
  ).toHaveProperty('pending')
})

test('a refused run shows cause and fix, and a pipeline paused by refusals says why wherever it is shown', async () => {
  await create({ from_date: '2024-02-28' })
  const hold = await claim(stage.server.nudged[0]?.runId as RunId)
  const error = { code: 'S3_ACCESS_DENIED', message: 'the role may not s3:PutObject; add that statement' }
  await refuseRun(stage.server.database.db, hold, { error, refusalsMax: 1, nowMs: startMs })
  const { json } = await call('status?name=events-daily-s3-raw')
  expect(json.failed).toMatchObject([{ error }])
  expect(json.pending[0].held).toContain(error.message)
  const [job] = (await call('jobs')).json[stage.project.projectId]
  expect(job).toMatchObject({ state: 'paused' })
  expect(job.pause_reason).toContain(error.message)
})

test('a failed run of a pipeline that goes on is seen in jobs too, until it gets through', async () => {
  await create({ from_date: '2024-02-28' })
  const lastError = async () => (await call('jobs')).json[stage.project.projectId][0].last_error
  expect(await lastError()).toBeUndefined()
  const error = { code: 'S3_PUT_DENIED', message: 'the role may not s3:PutObject; add that statement' }
  const runId = stage.server.nudged[0]?.runId as RunId
  await refuseRun(stage.server.database.db, await claim(runId), { error, refusalsMax: 3, nowMs: startMs })
  expect(await lastError()).toEqual(error)
  await call('resume', { name: 'events-daily-s3-raw' })
  expect(await lastError()).toBeUndefined()
})
