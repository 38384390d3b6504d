/** `watch`: what happens to a pipeline is told as it happens, whoever works its runs, and to nobody else. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type CreatedProject, rotateSecret } from '../../src/control/projects/manage-projects.ts'
import { createWatchHub } from '../../src/http/pipelines/watch-hub.ts'
import type { CommitNumber, PipelineId } from '../../src/ids.ts'
import { type EventReader, readEvents } from '../support/event-reader.ts'
import { insertDelivered, insertMembers } from '../support/folder-rows.ts'
import { insertPipeline, insertRun } from '../support/pipeline-rows.ts'
import { base, basic, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'
import { silentLog } from '../support/silent-log.ts'

const nowMs = Date.parse('2024-03-01T20:00:00Z')
const hour = 473_352

let server: PipelineServer
let url: string
let project: CreatedProject
let id: PipelineId
const readers: EventReader[] = []
beforeAll(async () => {
  server = await startPipelineServer(nowMs)
  url = await server.app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.project()
  id = await insertPipeline(server.database.db, project.projectId, { name: 'days' })
})
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close()
})

async function watch(secret = project.apiSecret, name = 'days'): Promise<EventReader> {
  const headers = { authorization: basic(`${secret}:`) }
  const reader = await readEvents(`${url}${base}/watch?name=${name}`, headers)
  readers.push(reader)
  return reader
}

const work = (set: string) =>
  server.database.pool.query(`update run set ${set} where pipeline_id = $1 and local_hour >= $2`, [id, hour])
const held = `state = 'running', attempt = attempt + 1, worker_id = 'w', lease_until = now(), started_at = '2024-03-01T19:59:56Z'`

test('a run is told of from its beginning to its end, with how far it is, what it is at, and when it ends', async () => {
  await insertRun(server.database.db, id, {
    local_hour: hour - 24,
    state: 'succeeded',
    files: 1,
    events: 100,
    bytes: 1000,
  })
  await insertRun(server.database.db, id, { local_hour: hour })
  const reader = await watch()
  expect(reader.contentType).toBe('text/event-stream')
  const first = await reader.until(({ event }) => event === 'pipeline')
  expect(first.data).toMatchObject({ name: 'days', state: 'active', runs: [] })
  expect(first.data.progress).toMatchObject({ folders_done: 1, folders_to_do: 1 })

  await work(`${held}, step = 'planning' `)
  const begun = await reader.until(({ event }) => event === 'folder')
  expect(begun.data).toEqual({ date: '2024-01-01', kind: 'export', run_state: 'running', state: 'running' })
  await work(`files = 1, events = 40, bytes = 400, step = 'writing'`)
  const writing = await reader.until(
    ({ event, data }) => event === 'pipeline' && data.runs[0]?.step === 'writing',
  )
  expect(writing.data.runs).toEqual([
    {
      ...{ kind: 'export', date: '2024-01-01', attempt: 1, started_at: '2024-03-01T19:59:56+00:00' },
      ...{ step: 'writing', files_done: 1 },
      progress: {
        ...{ events_done: 40, bytes_done: 400, events_to_do: 60, bytes_to_do: 600 },
        ...{ events_per_second: 10, bytes_per_second: 100, estimated_end: '2024-03-01T20:00:06+00:00' },
      },
    },
  ])
  await work(
    `state = 'succeeded', worker_id = null, lease_until = null, finished_at = now(), events = 100, bytes = 1000`,
  )
  const ended = await reader.until(({ event }) => event === 'folder')
  expect(ended.data).toEqual({
    date: '2024-01-01',
    kind: 'export',
    run_state: 'succeeded',
    state: 'delivered',
  })
})

test('a failure comes with its cause, and with what has become of the pipeline', async () => {
  await insertRun(server.database.db, id, { local_hour: hour })
  const reader = await watch()
  await reader.until(({ event }) => event === 'pipeline')
  await work(held)
  await work(
    `state = 'failed', worker_id = null, lease_until = null, finished_at = now(), error_code = 'S3_PUT_DENIED', error_message = 'denied'`,
  )
  const { data } = await reader.until(
    ({ event, data: told }) => event === 'folder' && told.run_state === 'failed',
  )
  expect(data.error).toEqual({ code: 'S3_PUT_DENIED', message: 'denied' })
  await server.database.pool.query(
    `update pipeline set state = 'paused', pause_reason = 'paused after 3 refused runs' where id = $1`,
    [id],
  )
  const paused = await reader.until(
    ({ event, data: told }) => event === 'pipeline' && told.state === 'paused',
  )
  expect(paused.data.pause_reason).toBe('paused after 3 refused runs')
  expect(paused.data.last_error.code).toBe('S3_PUT_DENIED')
})

test('many runs that begin and end between two looks are all told of, each once', async () => {
  const reader = await watch()
  await reader.until(({ event }) => event === 'pipeline')
  for (let place = 0; place < 50; place++)
    await insertRun(server.database.db, id, { local_hour: hour + 24 * place })
  await work(held)
  await work(`state = 'succeeded', worker_id = null, lease_until = null, finished_at = now()`)
  const dates = new Set<string>()
  let told = 0
  while (dates.size < 50) {
    const { data } = await reader.until(
      ({ event, data: each }) => event === 'folder' && each.run_state === 'succeeded',
    )
    dates.add(data.date)
    told += 1
  }
  expect(told).toBe(50)
})

test('events for a delivered folder are told of as they come; those of other days and projects are not', async () => {
  const { db, pool } = server.database
  const delivered = { hours: 24, events: 100, exportedAt: '2024-02-28T08:30:04Z' } as const
  await insertDelivered(db, id, { ...delivered, first: hour, count: 2, seen: 1 })
  let commit = 1
  const arrive = async (of: CreatedProject, first: number): Promise<void> => {
    commit += 1
    await insertMembers(db, of.projectId, commit, { first, count: 1, events: 1 })
    await pool.query('update store_commit set number = greatest(number, $1)', [commit])
  }
  const reader = await watch()
  await reader.until(({ event }) => event === 'pipeline')
  await arrive(await server.project(), hour + 3)
  await arrive(project, hour + 24 * 7)
  await arrive(project, hour + 24 + 5)
  const late = await reader.until(({ event }) => event === 'late')
  expect(late.data).toEqual({ date: '2024-01-02' })
  await arrive(project, hour + 3)
  const later = await reader.until(({ event }) => event === 'late')
  expect(later.data).toEqual({ date: '2024-01-01' })
})

test('nothing of another project’s pipeline is told, not even whether there is one', async () => {
  const other = await server.project()
  const answers = await Promise.all([watch(other.apiSecret), watch(project.apiSecret, 'none')])
  expect(answers.map(({ status }) => status)).toEqual([404, 404])
})

test('whoever comes while the others are looked at is not taken for a watcher of nothing', async () => {
  const { db } = server.database
  const second = await insertPipeline(db, project.projectId, { name: 'hours' })
  const ended = new AbortController()
  const found: unknown[] = []
  let asked = 0
  const snapshot = async () => {
    asked += 1
    // The first is asked for before there is anything to look at, the second amid a look.
    if (asked === 2) hub.watch({ id: second, ...of }, (look) => found.push(look.found), ended.signal)
    return 0 as CommitNumber
  }
  const of = { projectId: project.projectId }
  const store = { ...server.store, snapshot }
  const hub = createWatchHub({ db, clock: server.clock, log: silentLog, store })
  hub.watch({ id, ...of }, () => {}, ended.signal)
  await expect.poll(() => found.length, { timeout: 10_000 }).toBeGreaterThan(0)
  ended.abort()
  expect(found[0]).toMatchObject({ state: 'active' })
})

test('the stream ends with the pipeline', async () => {
  const reader = await watch()
  await reader.until(({ event }) => event === 'pipeline')
  await server.call(project.apiSecret, 'cancel', { name: 'days' })
  expect((await reader.rest()).at(-1)).toEqual({ event: 'end', data: { reason: 'pipeline_gone' } })
})

test('the stream ends with the credential that opened it', { timeout: 60_000 }, async () => {
  const reader = await watch()
  await reader.until(({ event }) => event === 'pipeline')
  await rotateSecret(server.database.db, project.projectId)
  server.clock.ms += 3000
  expect((await reader.rest()).at(-1)).toEqual({ event: 'end', data: { reason: 'session_over' } })
})

test('a project has so many streams at once, and one that is closed makes room', async () => {
  const open = await Promise.all(Array.from({ length: 4 }, () => watch()))
  const refused = await watch()
  expect(refused.status).toBe(429)
  const other = await server.project()
  await insertPipeline(server.database.db, other.projectId, { name: 'days' })
  expect((await watch(other.apiSecret)).status).toBe(200)
  await open[0]?.close()
  await expect.poll(async () => (await watch()).status).toBe(200)
})

test('a server that stops says so, and does not wait for who watches', async () => {
  const own = await startPipelineServer(nowMs)
  const stopped = await own.project()
  await insertPipeline(own.database.db, stopped.projectId, { name: 'days' })
  const ownUrl = await own.app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { authorization: basic(`${stopped.apiSecret}:`) }
  const reader = await readEvents(`${ownUrl}${base}/watch?name=days`, headers)
  await reader.until(({ event }) => event === 'pipeline')
  const closed = own.close()
  expect((await reader.rest()).at(-1)).toEqual({ event: 'end', data: { reason: 'server_stopping' } })
  await closed
})
