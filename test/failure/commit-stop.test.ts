/**
 * An API is stopped (not ended) at each step of a commit that leaves the process, and wakes when its client has sent the
 * events to another one and has them exported: no event is lost, and none is there twice.
 *
 * Two APIs, a worker with the scheduler, PostgreSQL and a store in S3. For each step:
 * 1. A client sends events to the first API. At the step its request to the store, or its statement, hangs or is answered
 *    late; then it is stopped.
 * 2. The client is not answered, and sends the same events to the other API. Its project's day is exported.
 * 3. The first one goes on, and stores what nobody waits for any more. The folder still has every event once.
 *
 * `STOP_EVERY=1 npx vitest run test/failure/commit-stop.test.ts` goes through one step more.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { holdTable } from '../support/held-table.ts'
import {
  type Env,
  penstock,
  penstockJson,
  type RunningPenstock,
  startPenstock,
} from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { type StoreSandbox, startStoreSandbox } from '../support/store-sandbox.ts'
import { datesOverAndDue } from '../support/tenant.ts'

const [day = ''] = datesOverAndDue(1)
const eventCount = 40

let stage: ServingPlace
let storeSandbox: StoreSandbox
let env: Env
let first: RunningPenstock
let other: RunningPenstock
let worker: RunningPenstock
const verifiable: { name: string; projectId: number }[] = []
beforeAll(async () => {
  stage = await openServingPlace('commit-stop', {
    PENSTOCK_LOG_LEVEL: 'warn',
    PENSTOCK_THREADS: '1',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    PENSTOCK_SYNC_INTERVAL_SECONDS: '1',
    PENSTOCK_RUN_POLL_MS: '50',
    // What is merged is the same events, in other segments than those that are looked for here.
    PENSTOCK_COMPACTION_BYTES_PER_SECOND_MAX: '0',
  })
  storeSandbox = await startStoreSandbox()
  env = { ...stage.env, ...storeSandbox.env }
  const start = (name: string, roles: string, more: Env = {}) =>
    startPenstock({ ...env, ...more, PENSTOCK_DATA_DIR: `${stage.folder}/${name}` }, ['--roles', roles])
  ;[first, other, worker] = await Promise.all([
    start('first', 'api'),
    start('other', 'api'),
    // The URL that says that it is there.
    start('worker', 'scheduler,worker', { PENSTOCK_METRICS_PORT: '0' }),
  ])
})
afterAll(async () => {
  for (const server of [first, other, worker]) await server?.kill('SIGKILL')
  await storeSandbox?.close()
  await stage?.close()
})

/** Where the commit is met; gives what lets it go on. */
type Meet = () => Promise<{ met(): Promise<unknown>; letGo(): Promise<unknown> }>

function atStore(fault: object): Meet {
  return async () => {
    await storeSandbox.control.fault({ action: 'PutObject', times: 1, ...fault })
    const struck = async () => (await storeSandbox.control.inFlight()).filter(({ fault: hit }) => hit).length
    return {
      met: () => expect.poll(struck, { timeout: 30_000, interval: 20 }).toBe(1),
      letGo: () => storeSandbox.control.clearFaults(),
    }
  }
}

const steps: Record<string, Meet> = {
  'while its segment is on the way': atStore({ delay_ms: 600_000 }),
  // It is stored while the API is stopped, and the answer lies in wait for it.
  'while it waits whether its segment is stored': atStore({ delay_ms: 500 }),
  'while the index takes its members': async () => {
    const held = await holdTable(stage.database.pool, 'member')
    return { met: () => held.waited('insert into member'), letGo: held.release }
  },
}

const otherSteps: Record<string, Meet> = {
  'while its segment is half there': atStore({ bytes_per_second: 100 }),
}

const tried = Object.entries({ ...steps, ...(process.env.STOP_EVERY === '1' ? otherSteps : {}) })

test.each(tried)('stopped %s', { timeout: 240_000 }, async (_step, meet) => {
  const project = await createProject(stage.database.db, { name: 'stopped', timeZone: 'UTC' })
  const account = await stage.place.admit(project.token)
  const commits = await commitsOf(first)
  const { met, letGo } = await meet()
  const leaving = new AbortController()
  const answer = send(first, project.apiSecret, leaving.signal).catch(() => 'not answered')
  await met()
  process.kill(first.pid, 'SIGSTOP')
  leaving.abort()
  expect(await answer).toBe('not answered')
  await letGo()
  const pipelines = pipelinesClient(other.url, project.apiSecret)
  let name: string
  try {
    expect(await send(other, project.apiSecret, AbortSignal.timeout(30_000))).toBe(200)
    name = await pipelines.create({
      ...{ type: 's3-raw', from_date: day, to_date: day, skip_check: 'true', manifest: 'true' },
      s3_bucket: account.bucketName,
      s3_region: account.region,
      s3_prefix: account.prefix,
      s3_role: account.role,
    })
    expect(Object.keys(await pipelines.settled(name))).toEqual(['succeeded'])
  } finally {
    process.kill(first.pid, 'SIGCONT')
  }
  const folder = `${account.prefix}/${project.projectId}/${day.replaceAll('-', '/')}/full_day/`
  const delivered = async () =>
    (await account.bucket.events(folder)).map(({ properties }) => properties.$insert_id).sort()
  expect(await delivered()).toEqual(ids)

  await expect.poll(() => commitsOf(first), { timeout: 60_000 }).toBeGreaterThan(commits)
  // What it has stored was looked for, and a sync has dealt with it.
  await expect.poll(() => isSynced(project.projectId), { timeout: 60_000 }).toBe(true)
  expect(Object.keys(await pipelines.settled(name))).toEqual(['succeeded'])
  expect(await delivered()).toEqual(ids)
  expect((await account.bucket.list(folder)).some(({ key }) => key === `${folder}complete`)).toBe(true)
  verifiable.push({ name, projectId: project.projectId })
})

test('`verify` and `store check` find nothing', { timeout: 120_000 }, async () => {
  expect(verifiable).toHaveLength(tried.length)
  for (const { name, projectId } of verifiable) {
    const args = ['verify', '--pipeline', name, '--project', String(projectId), '--json']
    const { code, stdout, stderr } = await penstock(args, env)
    expect(code, stdout + stderr).toBe(0)
  }
  // A segment that was given up is removed without anybody waiting for it.
  const problems = async () => (await penstockJson<{ problems: object[] }>(['store', 'check'], env)).problems
  await expect.poll(problems, { timeout: 30_000 }).toEqual([])
})

const ids = Array.from({ length: eventCount }, (_, index) => `e-${index}`).sort()

async function send(server: RunningPenstock, secret: string, signal: AbortSignal): Promise<number> {
  const events = ids.map(($insert_id, index) => ({
    event: 'Viewed',
    properties: { time: Date.parse(day) / 1000 + index * 60, distinct_id: 'ann', $insert_id },
  }))
  const answer = await fetch(`${server.url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify(events),
    signal,
  })
  return answer.status
}

/** How many of its commits are over, however they ended. */
async function commitsOf(server: RunningPenstock): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const counts = [...text.matchAll(/^penstock_commit_seconds_count{.*} (\d+)$/gm)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Whether the folder has seen every commit of its project. */
async function isSynced(projectId: number): Promise<boolean> {
  const { rows } = await stage.database.pool.query(
    `select folder.seen_commit >= max(member.commit_number) as synced
    from folder join pipeline on pipeline.id = folder.pipeline_id
    join member on member.project_id = pipeline.project_id
    where pipeline.project_id = $1 group by folder.seen_commit`,
    [projectId],
  )
  return rows[0]?.synced === true
}
