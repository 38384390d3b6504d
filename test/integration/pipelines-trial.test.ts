import { expect, test } from 'vitest'
import { deleteProject } from '../../src/control/projects/manage-projects.ts'
import { fineRequest } from '../support/pipeline-server.ts'
import { pipelinesStage } from '../support/pipelines-stage.ts'

const stage = pipelinesStage()
const { call, create, rowOf } = stage

test('a trial has one day of backfill and thirty days more, beside the other pipelines', async () => {
  await create({ from_date: '2024-02-29', to_date: '2024-02-29', s3_prefix: 'dated' })
  const { trial, from_date: _, ...destination } = { ...fineRequest, trial: 'true', s3_prefix: 'trial' }
  expect(await call('create', { trial, ...destination })).toMatchObject({
    status: 200,
    json: { pipeline_names: ['trial-events-daily-s3-raw'] },
  })
  expect(await rowOf('trial-events-daily-s3-raw')).toMatchObject({
    trial: true,
    frequency: 'daily',
    from_date: '2024-02-29',
    to_date: '2024-03-30',
  })
  expect((await create({ s3_prefix: 'other' })).status).toBe(200)
  const jobs = (await call('jobs')).json[stage.project.projectId]
  expect(jobs.map((job: { trial?: boolean }) => job.trial)).toEqual([undefined, true, undefined])
  const again = await call('create', { trial, ...destination, s3_prefix: 'again' })
  expect(again).toMatchObject({ status: 409 })
  expect(again.json.error).toContain('1 of 1 trial pipelines')
})

test('a trial can be paused and resumed, but neither edited nor canceled; it ends with its project', async () => {
  const name = 'trial-events-daily-s3-raw'
  await create({ trial: 'true', from_date: '' })
  for (const change of ['pause', 'resume']) expect((await call(change, { name })).status).toBe(200)
  const canceled = await call('cancel', { name })
  expect(canceled).toMatchObject({
    status: 409,
    json: { error: expect.stringContaining("can't be canceled") },
  })
  expect((await call('edit', { name, events: 'a' })).status).toBe(409)
  expect(await rowOf(name)).toMatchObject({ state: 'active', events: null })
  await deleteProject(stage.server.database.db, stage.project.projectId)
  await expect(rowOf(name)).rejects.toThrow('no result')
})
