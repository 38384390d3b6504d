import { expect, test } from 'vitest'
import { refuseRun } from '../../src/control/runs/finish-run.ts'
import type { RunId } from '../../src/ids.ts'
import { base, basic } from '../support/pipeline-server.ts'
import { pipelinesStage, startMs } from '../support/pipelines-stage.ts'

const stage = pipelinesStage()
const { call, create, rowOf, claim } = stage

test('pause and resume answer alike however often they come, and an unknown name is 404', async () => {
  await create()
  for (const name of ['pause', 'pause', 'resume', 'resume']) {
    expect(await call(name, { name: 'events-daily-s3-raw' })).toMatchObject({
      status: 200,
      json: { status: 'ok' },
    })
  }
  for (const name of ['pause', 'resume', 'cancel', 'status']) {
    const answer = await call(name, { name: 'events-daily-s3-raw-9' })
    expect(answer).toMatchObject({ status: 404, json: { status: 'error' } })
  }
})

test('a failed run goes on with resume', async () => {
  await create({ from_date: '2024-02-29' })
  const runId = stage.server.nudged[0]?.runId as RunId
  const error = { code: 'S3_NO_SUCH_BUCKET', message: 'there is no such bucket' }
  await refuseRun(stage.server.database.db, await claim(runId), { error, refusalsMax: 1, nowMs: startMs })
  await call('resume', { name: 'events-daily-s3-raw' })
  const { json } = await call('status?name=events-daily-s3-raw')
  expect(json.pending).toHaveLength(1)
  expect(json.pending[0]).not.toHaveProperty('error')
  expect(stage.server.nudged.at(-1)?.runId).toBe(runId)
})

test('edit changes events and where, each alone, and an empty value takes one away', async () => {
  await create({ events: ['a'], where: 'properties["a"] == 1' })
  const name = 'events-daily-s3-raw'
  const steps: [Record<string, string | string[]>, object][] = [
    [{ events: ['b', 'c'] }, { events: ['b', 'c'], where_expression: 'properties["a"] == 1' }],
    [{ where: 'properties["a"] == 2' }, { events: ['b', 'c'], where_expression: 'properties["a"] == 2' }],
    [{ events: '' }, { events: null, where_expression: 'properties["a"] == 2' }],
    [
      { events: 'd', where: '' },
      { events: ['d'], where_expression: null },
    ],
  ]
  for (const [changes, expected] of steps) {
    expect(await call('edit', { name, ...changes })).toMatchObject({ status: 200, json: { status: 'ok' } })
    expect(await rowOf(name)).toMatchObject(expected)
  }
  const warned = await call('edit', { name, where: 'true or properties["b"] > "5"' })
  expect(warned.json.warnings).toHaveLength(1)
})

test('edit by JSON: null and an empty list take a filter away', async () => {
  await create({ events: ['a'], where: 'properties["a"] == 1' })
  const response = await stage.server.app.inject({
    method: 'POST',
    url: `${base}/edit`,
    headers: { authorization: basic(`${stage.project.apiSecret}:`) },
    payload: { name: 'events-daily-s3-raw', events: [], where: null },
  })
  expect(response.json()).toEqual({ status: 'ok' })
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({ events: null, where_expression: null })
})

test('edit refuses what create refuses, what changes nothing, and names that are none', async () => {
  await create({ where: 'properties["a"] == 1' })
  const name = 'events-daily-s3-raw'
  const refused: [Record<string, string>, number, string][] = [
    [{ name }, 400, 'give one of them'],
    [{ name, where: 'plan == 1' }, 400, 'at column 1'],
    [{ name, evnets: 'a' }, 400, 'did you mean events?'],
    [{ name, s3_bucket: 'another' }, 400, 'is not a parameter of this call'],
    [{ name: 'another', events: 'a' }, 404, 'another'],
  ]
  for (const [parameters, status, sentence] of refused) {
    const answer = await call('edit', parameters)
    expect(answer.json.error).toContain(sentence)
    expect(answer.status).toBe(status)
  }
  expect(await rowOf(name)).toMatchObject({ events: null, where_expression: 'properties["a"] == 1' })
})
