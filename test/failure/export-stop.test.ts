/**
 * A worker is stopped (not ended) at each step of an export for longer than its lease, and wakes when another has done its
 * work: it changes nothing any more.
 *
 * Two processes serve the whole time. For each step:
 * 1. A project with a day of events, and a folder of that day that looks exported already: strays, and `complete`.
 * 2. The pipeline is created. At the step a request of whichever worker has the run hangs, or is answered late; then its
 *    process is stopped.
 * 3. The other process takes the run over when the lease has run out, and brings it to its end.
 * 4. The stopped one goes on. It breaks the run off; the bucket, the run and what is known of the folder stay as they are.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectedEvent } from '../../demo/expected-event.ts'
import { createRandom } from '../../demo/random.ts'
import type { RequestRecord } from '../../sandbox/request-log.ts'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { untilItPasses } from '../support/cluster/until-it-passes.ts'
import { readFolders } from '../support/exported-folders.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import { type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { byInsertId, withoutStamp } from '../support/stamped-events.ts'
import { datesOverAndDue } from '../support/tenant.ts'

const hangs = { delay_ms: 600_000, times: 1 }
/** Answered while the worker is stopped: what it does next, it would do when it wakes. */
const late = { delay_ms: 4000, times: 1 }
const stray = 'part-00099-00000000.json.gz'

/** The fault that strikes last is the one at which the worker is stopped. */
const steps: Record<string, object[]> = {
  'before it takes `complete` away': [{ action: 'ListObjectsV2', ...late }],
  'while it takes `complete` away': [{ action: 'DeleteObject', key: '/complete$', ...hangs }],
  'while it sends the first file': [{ action: 'PutObject', key: 'part-00000-', ...hangs }],
  'while a file is half sent': [{ action: 'PutObject', key: 'part-00001-', bytes_per_second: 100, times: 1 }],
  'while it waits whether a file is stored': [
    { action: 'PutObject', key: 'part-00001-', answer_lost: true, times: 1 },
    { action: 'PutObject', key: 'part-00001-', ...hangs },
  ],
  'before it deletes a stray': [
    { action: 'ListObjectsV2', delay_ms: 0, times: 1 },
    { action: 'ListObjectsV2', ...late },
  ],
  'while it deletes a stray': [{ action: 'DeleteObject', key: 'part-00099-', ...hangs }],
  'while it sends the manifest': [{ action: 'PutObject', key: '_manifests/', ...hangs }],
  'while it puts `complete`': [{ action: 'PutObject', key: '/complete$', ...hangs }],
  'before it records its success': [
    { action: 'PutObject', key: '/complete$', answer_lost: true, times: 1 },
    { action: 'PutObject', key: '/complete$', ...hangs },
  ],
}

const [day = ''] = datesOverAndDue(1)
let stage: ServingPlace
const servers: RunningPenstock[] = []
beforeAll(async () => {
  stage = await openServingPlace('export-stop', {
    PENSTOCK_LOG_LEVEL: 'info',
    PENSTOCK_THREADS: '1',
    PENSTOCK_RUN_LEASE_SECONDS: '2',
    PENSTOCK_RUN_RETRY_BASE_MS: '50',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    PENSTOCK_RUN_POLL_MS: '50',
    PENSTOCK_PART_SIZE_BYTES: '4096',
    PENSTOCK_FILE_SIZE_BYTES: '4096',
  })
  for (const name of ['one', 'other']) {
    const folder = `${stage.folder}/${name}`
    const store = `file://${stage.folder}/events`
    servers.push(await startPenstock({ ...stage.env, PENSTOCK_DATA_DIR: folder, PENSTOCK_STORE_URL: store }))
  }
})
afterAll(async () => {
  for (const server of servers) await server.kill('SIGKILL')
  await stage?.close()
})

test.each(Object.entries(steps))('stopped %s', { timeout: 240_000 }, async (_step, faults) => {
  const { control } = stage.place
  const { account, client, folder, project } = await arrange()
  for (const fault of faults) await control.fault({ ...fault, bucket: account.bucketName })
  const pipelines = pipelinesClient(urlOf(0), project.apiSecret)
  const request = {
    ...{ type: 's3-raw', from_date: day, to_date: day, manifest: 'true', skip_check: 'true', sync: 'false' },
    s3_bucket: account.bucketName,
    s3_region: account.region,
    s3_prefix: account.prefix,
    s3_role: account.role,
  }
  const name = await pipelines.create(request)
  const struck = async () => (await control.inFlight()).filter(({ fault }) => fault).length
  // Of several faults the last one counts; those before it are answered.
  const answered = async () =>
    (await control.requests()).filter(({ bucket, fault }) => fault && bucket === account.bucketName).length
  await expect.poll(answered, { timeout: 60_000 }).toBe(faults.length - 1)
  await expect.poll(struck, { timeout: 60_000 }).toBe(1)
  const stopped = await holder(project.projectId)
  process.kill(stopped.pid, 'SIGSTOP')
  try {
    await control.clearFaults()
    const other = servers.find((server) => server !== stopped) as RunningPenstock
    const runs = await pipelinesClient(other.url, project.apiSecret).settled(name, 120_000)
    expect(Object.keys(runs)).toEqual(['succeeded'])
    // What is answered late has come by now, and lies in wait for the stopped one.
    if (Object(faults.at(-1)).delay_ms === late.delay_ms)
      await expect.poll(struck, { timeout: 60_000 }).toBe(0)
  } finally {
    await expectSame(
      () => stateOf(project.projectId, account.bucketName),
      async () => {
        const logged = stopped.log().length
        process.kill(stopped.pid, 'SIGCONT')
        await expect
          .poll(() => stopped.log().slice(logged), { timeout: 60_000 })
          .toMatch(/run broken off|run was taken over/)
      },
    )
  }
  const found = (await readFolders(account.bucket, folder)).get('')
  expect(found).toMatchObject({ completeBytes: 0, strays: [] })
  expect(byInsertId((found?.events ?? []).map(withoutStamp))).toEqual(
    byInsertId(client.sent.map(expectedEvent)),
  )
  expect(found?.files.some((key) => key.endsWith(stray))).toBe(false)
})

const urlOf = (index: number): string => servers[index]?.url ?? ''

async function arrange() {
  const project = await createProject(stage.database.db, { name: 'stopped', timeZone: 'UTC' })
  const account = await stage.place.admit(project.token)
  const folder = `${account.prefix}/${project.projectId}/${day.replaceAll('-', '/')}/full_day/`
  await account.bucket.put(`${folder}${stray}`, 'of an earlier export')
  await account.bucket.put(`${folder}complete`, '')
  const client = createLoyalClient({
    id: project.projectId,
    secret: project.apiSecret,
    token: project.token,
    dayStartSeconds: Date.parse(day) / 1000,
    random: createRandom(project.projectId),
  })
  // What a busy machine answers with 503 is sent again.
  for (let requests = 0; requests < 12; requests++) {
    await client.send(urlOf(0), 1).catch(async () => await untilItPasses(() => client.settle(urlOf(0))))
  }
  return { project, account, folder, client }
}

/** Whoever has the run: its worker's name says its process. */
async function holder(projectId: number): Promise<RunningPenstock> {
  const run = await stage.database.db
    .selectFrom('run')
    .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
    .select('worker_id')
    .where('project_id', '=', projectId as never)
    .where('run.state', '=', 'running')
    .executeTakeFirstOrThrow()
  const found = servers.find(({ pid }) => run.worker_id?.split('/').at(-2) === String(pid))
  if (found === undefined) throw new Error(`nobody is ${run.worker_id}`)
  return found
}

async function expectSame(state: () => Promise<object>, happens: () => Promise<void>): Promise<void> {
  const before = await state()
  await happens()
  expect(await state()).toEqual(before)
}

/** All that a worker can change: the bucket, with what was ever written to it; the run; what is known of the folder. */
async function stateOf(projectId: number, bucket: string) {
  const { db } = stage.database
  const ofProject = <Row>(rows: Promise<(Row & { project_id: number })[]>) =>
    rows.then((all) => all.filter(({ project_id }) => project_id === projectId))
  const runs = await ofProject(
    db
      .selectFrom('run')
      .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
      .selectAll('run')
      .select('pipeline.project_id')
      .execute(),
  )
  const folders = await ofProject(
    db
      .selectFrom('folder')
      .innerJoin('pipeline', 'pipeline.id', 'folder.pipeline_id')
      .selectAll('folder')
      .select('pipeline.project_id')
      .execute(),
  )
  const writes = (await stage.place.control.requests()).filter(
    (record: RequestRecord) => record.bucket === bucket && isWrite(record),
  )
  return { runs, folders, writes }
}

/** One that took effect. */
function isWrite({ method, status }: RequestRecord): boolean {
  return (method === 'PUT' || method === 'DELETE') && status !== null && status >= 200 && status < 300
}
