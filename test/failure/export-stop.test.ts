/**
 * A worker is stopped (not ended) at each step of an export, and of a sync of late events, for longer than its lease, and
 * wakes when another has done its work: it changes nothing any more.
 *
 * Two processes serve the whole time. For each step:
 * 1. A project with a day of events, and a folder of that day that looks exported already: strays, and `complete`.
 * 2. The pipeline is created; for a sync, it has exported the day, and events come late. At the step a request of whichever
 *    worker has the run hangs, or is answered late; then its process is stopped.
 * 3. The other process takes the run over when the lease has run out, and brings it to its end.
 * 4. The stopped one goes on. It breaks the run off; the bucket, the run and what is known of the folder stay as they are.
 *
 * Of a sync's steps there are three; `STOP_EVERY=1 npx vitest run test/failure/export-stop.test.ts` goes through all.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SentEvent } from '../../demo/events.ts'
import { expectedEvent } from '../../demo/expected-event.ts'
import { createRandom } from '../../demo/random.ts'
import type { RequestRecord } from '../../sandbox/request-log.ts'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { untilItPasses } from '../support/cluster/until-it-passes.ts'
import { readFolders } from '../support/exported-folders.ts'
import { endResting, holdTable } from '../support/held-table.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import { type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { findHolder } from '../support/run-holder.ts'
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

/** A late event makes a file, and a newer line of an exported one another in the place of what it was in. */
const syncSteps: Record<string, object[]> = {
  'while it takes `complete` away': [{ action: 'DeleteObject', key: '/complete$', ...hangs }],
  'while it sends a file': [{ action: 'PutObject', key: 'part-', ...hangs }],
  'before it records its success': [
    { action: 'PutObject', key: '/complete$', answer_lost: true, times: 1 },
    { action: 'PutObject', key: '/complete$', ...hangs },
  ],
}

const otherSyncSteps: Record<string, object[]> = {
  'before it takes `complete` away': [{ action: 'ListObjectsV2', ...late }],
  'before it deletes what a file was': [
    { action: 'ListObjectsV2', delay_ms: 0, times: 1 },
    { action: 'ListObjectsV2', ...late },
  ],
  'while it deletes what a file was': [{ action: 'DeleteObject', key: 'part-', ...hangs }],
  'while it sends the manifest': [{ action: 'PutObject', key: '_manifests/', ...hangs }],
  'while it puts `complete`': [{ action: 'PutObject', key: '/complete$', ...hangs }],
}

const isLong = process.env.STOP_EVERY === '1'
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
    PENSTOCK_SYNC_INTERVAL_SECONDS: '1',
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
  const arranged = await arrange()
  await setFaults(arranged, faults)
  await wakesLate(arranged, await createPipeline(arranged, 'false'), faults)
})

test.each(Object.entries({ ...syncSteps, ...(isLong ? otherSyncSteps : {}) }))(
  'stopped in a sync %s',
  { timeout: 240_000 },
  async (_step, faults) => {
    const arranged = await arrange()
    const name = await createPipeline(arranged, 'true')
    const runs = await pipelinesClient(urlOf(0), arranged.project.apiSecret).settled(name, 120_000)
    expect(Object.keys(runs)).toEqual(['succeeded'])
    await setFaults(arranged, faults)
    await sendLate(arranged)
    await wakesLate(arranged, name, faults)
  },
)

type Arranged = Awaited<ReturnType<typeof arrange>>

async function setFaults({ account }: Arranged, faults: object[]): Promise<void> {
  for (const fault of faults) await stage.place.control.fault({ ...fault, bucket: account.bucketName })
}

function createPipeline({ account, project }: Arranged, sync: 'true' | 'false'): Promise<string> {
  return pipelinesClient(urlOf(0), project.apiSecret).create({
    ...{ type: 's3-raw', from_date: day, to_date: day, manifest: 'true', skip_check: 'true', sync },
    s3_bucket: account.bucketName,
    s3_region: account.region,
    s3_prefix: account.prefix,
    s3_role: account.role,
  })
}

/** One event more, and a newer line of one that is exported. */
async function sendLate({ client: { sent }, project }: Arranged): Promise<void> {
  const place = sent.findIndex(({ properties }) => properties.token === undefined)
  const exported = sent[place] as SentEvent
  const newer = { ...exported, properties: { ...exported.properties, payload: -1 } }
  const more = { ...exported, properties: { ...exported.properties, $insert_id: 'late' } }
  const answer = await fetch(`${urlOf(0)}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${project.apiSecret}:`), 'content-type': 'application/json' },
    body: JSON.stringify([newer, more]),
  })
  expect(answer.status).toBe(200)
  sent.splice(place, 1, newer, more)
}

test('stopped while it records its success', { timeout: 240_000 }, async () => {
  const arranged = await arrange()
  const held = await holdTable(stage.database.pool, 'folder_file')
  const name = await createPipeline(arranged, 'false')
  const waiting = await held.waited('delete from "folder_file"')
  await stopAndWake(arranged, name, async () => {
    await held.release()
    await endResting(stage.database.pool, waiting)
  })
})

/** Stops whoever is struck by the last of the faults, and wakes it when the other has done its work. */
async function wakesLate(arranged: Arranged, name: string, faults: object[]): Promise<void> {
  const { account } = arranged
  const { control } = stage.place
  const struck = async () => (await control.inFlight()).filter(({ fault }) => fault).length
  // Of several faults the last one counts; those before it are answered.
  const answered = async () =>
    (await control.requests()).filter(({ bucket, fault }) => fault && bucket === account.bucketName).length
  await expect.poll(answered, { timeout: 60_000 }).toBe(faults.length - 1)
  await expect.poll(struck, { timeout: 60_000 }).toBe(1)
  await stopAndWake(arranged, name, control.clearFaults, async () => {
    // What is answered late has come by now, and lies in wait for the stopped one.
    if (Object(faults.at(-1)).delay_ms === late.delay_ms)
      await expect.poll(struck, { timeout: 60_000 }).toBe(0)
  })
}

/**
 * Stops whoever has the run, and wakes it when the other has done its work.
 * @param letGo of what it was met at
 * @param before it wakes
 */
async function stopAndWake(
  { account, client, folder, project }: Arranged,
  name: string,
  letGo: () => Promise<void>,
  before: () => Promise<void> = async () => undefined,
): Promise<void> {
  const stopped = await findHolder(stage.database.db, servers, project.projectId)
  process.kill(stopped.pid, 'SIGSTOP')
  try {
    await letGo()
    const other = servers.find((server) => server !== stopped) as RunningPenstock
    const runs = await pipelinesClient(other.url, project.apiSecret).settled(name, 120_000)
    expect(Object.keys(runs)).toEqual(['succeeded'])
    await before()
  } finally {
    await expectSame(
      () => stateOf(project.projectId, account.bucketName),
      async () => {
        const logged = stopped.log().length
        process.kill(stopped.pid, 'SIGCONT')
        const words = new RegExp(`"project":${project.projectId},.*(run broken off|run was taken over)`)
        await expect.poll(() => stopped.log().slice(logged), { timeout: 60_000 }).toMatch(words)
      },
    )
  }
  const found = (await readFolders(account.bucket, folder)).get('')
  expect(found).toMatchObject({ completeBytes: 0, strays: [] })
  expect(byInsertId((found?.events ?? []).map(withoutStamp))).toEqual(
    byInsertId(client.sent.map(expectedEvent)),
  )
  expect(found?.files.some((key) => key.endsWith(stray))).toBe(false)
}

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
