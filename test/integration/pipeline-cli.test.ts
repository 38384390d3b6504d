import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { followRuns } from '../../src/cli/pipeline/follow-runs.ts'
import { createPipelineClient } from '../../src/cli/pipeline/pipeline-client.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { claimRun } from '../../src/control/runs/claim-run.ts'
import { refuseRun, succeedRun } from '../../src/control/runs/finish-run.ts'
import type { RunId } from '../../src/ids.ts'
import { fineRequest, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

const nowMs = Date.parse('2024-03-01T20:00:00Z')

let server: PipelineServer
let url: string
let project: CreatedProject
let out: string[]
let err: string[]

beforeAll(async () => {
  server = await startPipelineServer(nowMs)
  url = await server.app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.project()
  server.nudged.length = 0
  out = []
  err = []
  vi.spyOn(console, 'log').mockImplementation((text) => void out.push(String(text)))
  vi.spyOn(console, 'error').mockImplementation((text) => void err.push(String(text)))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const penstock = (...args: string[]) =>
  runCli(['pipeline', ...args, '--url', url, '--secret', project.apiSecret])

const create = (...more: string[]) =>
  penstock(
    'create',
    ...Object.entries(fineRequest)
      .filter(([name]) => name !== 'type')
      .flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, value]),
    ...more,
  )

const end = async (runId: RunId | undefined, how: 'succeed' | 'refuse') => {
  if (runId === undefined) throw new Error('no run')
  const { db } = server.database
  const hold = await claimRun(db, { runId, workerId: 'w', leaseMs: 1000, nowMs })
  if (hold === undefined) throw new Error('not claimed')
  const error = { code: 'S3_ACCESS_DENIED', message: 'the role may not s3:PutObject; add it' }
  if (how === 'succeed') await succeedRun(db, hold, { files: 2, events: 30, bytes: 400, nowMs })
  else await refuseRun(db, hold, { error, refusalsMax: 3, nowMs })
}

test('create sends every option under its name in the API, repeated ones as a list', async () => {
  expect(await create('--events', 'a', 'b', '--s3-encryption', 'kms')).toBe(0)
  expect(out).toEqual(['events-daily-s3-raw'])
  const row = await server.database.db
    .selectFrom('pipeline')
    .selectAll()
    .where('project_id', '=', project.projectId)
    .executeTakeFirstOrThrow()
  expect(row).toMatchObject({ events: ['a', 'b'], s3_encryption: 'kms', s3_bucket: 'example-s3-export' })
})

test('what the server refuses is said in its words; a wrong parameter is a misuse', async () => {
  expect(await create('--s3-bucket', 'NO')).toBe(2)
  expect(err.join()).toContain('PIPELINE_REQUEST_REFUSED: s3_bucket "NO" must be a bucket name')
  expect(await penstock('pause', 'nobody')).toBe(1)
  expect(err.join()).toContain('is not a pipeline of this project')
})

test('list, show, pause, resume and cancel print JSON or words', async () => {
  await create('--from-date', '2024-02-28')
  await end(server.nudged[0]?.runId, 'succeed')
  await end(server.nudged[1]?.runId, 'refuse')
  out.length = 0
  expect(await penstock('list')).toBe(0)
  expect(out[0]).toMatch(/NAME +STATE[\s\S]*events-daily-s3-raw +active +live +daily/)
  expect(out[0]).toContain('S3_ACCESS_DENIED: the role may not s3:PutObject; add it')
  await penstock('show', 'events-daily-s3-raw')
  expect(out[1]).toMatch(/2024-02-28T00:00:00\+00:00 +export +succeeded +1 +2 +30 +400/)
  expect(out[1]).toContain('S3_ACCESS_DENIED: the role may not s3:PutObject; add it')
  await penstock('show', 'events-daily-s3-raw', '--json')
  expect(JSON.parse(out[2] ?? '')).toMatchObject({ state: 'active', runs: { succeeded: [{}], failed: [{}] } })
  for (const change of ['pause', 'resume', 'cancel']) {
    expect(await penstock(change, 'events-daily-s3-raw', '--json')).toBe(0)
  }
  expect(await penstock('show', 'events-daily-s3-raw')).toBe(1)
})

test('edit changes the selection, list shows it, and what is odd about it is a warning', async () => {
  await create()
  const edit = (...options: string[]) => penstock('edit', 'events-daily-s3-raw', ...options)
  expect(await edit('--events', 'a', 'b', '--where', 'properties["a"] == 1 or 1 == 2')).toBe(0)
  expect(err.join()).toContain('warning: where at column 27: this is always false')
  out.length = 0
  await penstock('list')
  expect(out[0]).toContain('exports the events a, b, of them those where properties["a"] == 1 or 1 == 2')
  expect(await edit('--where', '', '--json')).toBe(0)
  expect(JSON.parse(out.at(-1) ?? '')).toEqual({ name: 'events-daily-s3-raw', done: 'edit', status: 'ok' })
  expect(await edit('--where', 'a = 1')).toBe(2)
  expect(err.at(-1)).toContain('at column 3')
})

test('following shows how far the runs have come, until none is left', async () => {
  await create('--from-date', '2024-02-28')
  const written: string[] = []
  const stream = {
    write: (text: string) => {
      written.push(text)
      return true
    },
  }
  const client = createPipelineClient({ url, secret: project.apiSecret })
  const following = followRuns(client, 'events-daily-s3-raw', stream, 5)
  await vi.waitFor(() => expect(written.at(-1)).toContain('0 of 2 folders done, 2 pending'))
  await end(server.nudged[0]?.runId, 'succeed')
  await vi.waitFor(() => expect(written.at(-1)).toContain('1 of 2 folders done, 1 pending'))
  await end(server.nudged[1]?.runId, 'succeed')
  expect(await following).toBe('finished')
  expect(written.at(-1)).toContain('2 of 2 folders done')
})

test('following ends with exit code 1 when a run has failed, or when the pipeline is paused', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await create('--from-date', '2024-02-29')
  await penstock('pause', 'events-daily-s3-raw')
  expect(await penstock('show', 'events-daily-s3-raw', '--follow')).toBe(1)
  process.exitCode = undefined
  await penstock('resume', 'events-daily-s3-raw')
  await end(server.nudged[0]?.runId, 'refuse')
  expect(await penstock('show', 'events-daily-s3-raw', '--follow')).toBe(1)
})

test('a server that is not there, or is another, is named', async () => {
  const at = (other: string) => runCli(['pipeline', 'list', '--secret', project.apiSecret, '--url', other])
  expect(await at('http://127.0.0.1:1')).toBe(1)
  expect(err.at(-1)).toContain('PIPELINE_SERVER_UNREACHABLE: no answer from http://127.0.0.1:1')
  expect(await at('ftp://x')).toBe(2)
  expect(err.at(-1)).toContain('must be the URL of a server')
  expect(await at(`${url}/elsewhere`)).toBe(1)
  expect(err.at(-1)).toContain('check --url')
  expect(err.join()).not.toContain(project.apiSecret)
})
