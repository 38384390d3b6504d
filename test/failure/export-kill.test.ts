/**
 * `serve` is killed at each step of an export; the next one brings the folder to its end.
 *
 * For each step:
 * 1. A project with a day of events, and a folder of that day in its customer's bucket that looks exported already: files
 *    that no export would write now, and `complete`.
 * 2. The pipeline is created. At the step a request hangs, or the database does, and `serve` is killed.
 * 3. `serve` starts again and takes the run up when the lease of the killed one has ended.
 * 4. The folder holds the day's events once and nothing else, and never had `complete` while it was changed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectedEvent } from '../../demo/expected-event.ts'
import { createRandom } from '../../demo/random.ts'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { type Account, type ExportPlace, openSandboxPlace } from '../support/export-place.ts'
import { readFolders } from '../support/exported-folders.ts'
import { killDatabase } from '../support/kill-database.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import { type Env, penstockJson, startPenstock } from '../support/penstock-process.ts'
import { type PipelinesClient, pipelinesClient } from '../support/pipelines-client.ts'
import { type SandboxControl, sandboxControl } from '../support/sandbox-control.ts'
import { byInsertId, withoutStamp } from '../support/stamped-events.ts'
import type { Write } from '../support/write-log.ts'

const hangs = { delay_ms: 600_000, times: 1 }
const passes = { delay_ms: 0, times: 1 }
const strays = ['part-00098-00000000.json.gz', 'part-00099-00000000.json.gz']

/** The fault that strikes last is the one that the kill waits for. */
const steps: Record<string, object[]> = {
  'the role is assumed': [{ action: 'AssumeRole', ...hangs }],
  'the folder is listed': [{ action: 'ListObjectsV2', ...hangs }],
  '`complete` is taken away': [{ action: 'DeleteObject', key: '/complete$', ...hangs }],
  'the first file is sent': [{ action: 'PutObject', key: 'part-00000-', ...hangs }],
  'a file is half sent': [{ action: 'PutObject', key: 'part-00001-', bytes_per_second: 100, times: 1 }],
  'a file is stored, and not yet answered': [
    { action: 'PutObject', key: 'part-00001-', answer_lost: true, times: 1 },
    { action: 'PutObject', key: 'part-00001-', ...hangs },
  ],
  'the third file is sent': [{ action: 'PutObject', key: 'part-00002-', ...hangs }],
  'strays are looked for': [
    { action: 'ListObjectsV2', ...passes },
    { action: 'ListObjectsV2', ...hangs },
  ],
  'a stray is deleted': [{ action: 'DeleteObject', key: 'part-00099-', ...hangs }],
  'a stray is gone, which was not yet answered': [
    { action: 'DeleteObject', key: 'part-00098-', answer_lost: true, times: 1 },
    { action: 'DeleteObject', key: 'part-00098-', ...hangs },
  ],
  '`complete` is put': [{ action: 'PutObject', key: '/complete$', ...hangs }],
  '`complete` is there, and the run not yet recorded': [
    { action: 'PutObject', key: '/complete$', answer_lost: true, times: 1 },
    { action: 'PutObject', key: '/complete$', ...hangs },
  ],
}

// Over for long enough that its folder is due, whatever the time is.
const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)
const dataDirs: string[] = []
let folder: string
let place: ExportPlace
let control: SandboxControl
let env: Env
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-export-kill-'))
  place = await openSandboxPlace(folder)
  control = sandboxControl(place.env.AWS_ENDPOINT_URL ?? '')
  const dataDir = await mkdtemp(join(tmpdir(), 'penstock-export-kill-data-'))
  dataDirs.push(dataDir)
  env = {
    ...place.env,
    PENSTOCK_DATA_DIR: dataDir,
    PENSTOCK_LOG_LEVEL: 'error',
    PENSTOCK_RUN_LEASE_SECONDS: '2',
    PENSTOCK_RUN_RETRY_BASE_MS: '50',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    // Small enough that a day of a few hundred events is several files.
    PENSTOCK_PART_SIZE_BYTES: '4096',
    PENSTOCK_FILE_SIZE_BYTES: '4096',
  }
})
afterAll(async () => {
  await place?.close()
  for (const dataDir of dataDirs) {
    await killDatabase(dataDir)
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

test.each(Object.entries(steps))('killed when %s', { timeout: 120_000 }, async (_step, faults) => {
  await expectRecovery(() => arrangeFaults(faults))
})

/** A folder that another pipeline had exported, with more events, is written anew with fewer files. */
const fewer: Record<string, object> = {
  '`complete` is taken away': { action: 'DeleteObject', key: '/complete$', ...hangs },
  'the first file is sent': { action: 'PutObject', key: 'part-00000-', ...hangs },
  'the first file too many is deleted': { action: 'DeleteObject', key: 'part-', ...hangs },
  '`complete` is put': { action: 'PutObject', key: '/complete$', ...hangs },
}

test.each(Object.entries(fewer))(
  'killed while a folder gets fewer files, when %s',
  {
    timeout: 120_000,
  },
  async (_step, fault) => {
    await expectRecovery(() => arrangeFaults([fault]), undefined, 'Page viewed')
  },
)

test('killed when the run is claimed, and what it exports not yet settled', {
  timeout: 120_000,
}, async () => {
  const database = await openEmbeddedPostgres(env.PENSTOCK_DATA_DIR ?? '')
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  try {
    await expectRecovery(
      async () => {
        // What the snapshot is read from.
        await holder.query('begin; lock table store_commit in access exclusive mode')
        return async () => {
          const claimed = "select from run where state = 'running' and snapshot_commit is null"
          await expect.poll(async () => (await holder.query(claimed)).rowCount, { timeout: 30_000 }).toBe(1)
        }
      },
      () => holder.query('rollback'),
    )
  } finally {
    await holder.end()
    await database.release()
  }
})

/** Gives what waits until the last of them has struck. */
async function arrangeFaults(faults: object[]): Promise<() => Promise<void>> {
  for (const fault of faults) await control.fault(fault)
  return async () => {
    const strikes = async () => (await control.inFlight()).filter(({ fault }) => fault).length
    await expect.poll(strikes, { timeout: 30_000 }).toBe(1)
  }
}

/**
 * @param arrange sets the hang, and gives what waits until it has come
 * @param only the one event name that is exported, into a folder that had all
 */
async function expectRecovery(
  arrange: () => Promise<() => Promise<void>>,
  clear: () => Promise<unknown> = () => control.clearFaults(),
  only?: string,
): Promise<void> {
  const project = await penstockJson<{ project_id: number; token: string; api_secret: string }>(
    ['project', 'create', '--name', 'killed'],
    env,
  )
  const account = await place.admit(project.token)
  const prefix = `${account.prefix}/${project.project_id}/${day.replaceAll('-', '/')}/full_day/`
  for (const stray of strays) await account.bucket.put(`${prefix}${stray}`, 'of an earlier export')
  await account.bucket.put(`${prefix}complete`, '')

  const killed = await startPenstock(env)
  const client = createLoyalClient({
    id: project.project_id,
    secret: project.api_secret,
    token: project.token,
    dayStartSeconds: Date.parse(day) / 1000,
    random: createRandom(project.project_id),
  })
  await client.send(killed.url, 15)
  const pipelines = pipelinesClient(killed.url, project.api_secret)
  if (only !== undefined) await exportAll(pipelines, account)
  const filesBefore = (await account.bucket.list(prefix)).length
  const waitForHang = await arrange()
  const request = requestOf(account)
  const name = await pipelines.create(only === undefined ? request : { ...request, events: only })
  await waitForHang()
  await killed.kill('SIGKILL')
  await clear()

  const server = await startPenstock(env)
  try {
    const runs = await pipelinesClient(server.url, project.api_secret).settled(name, 60_000)
    expect(Object.keys(runs)).toEqual(['succeeded'])
    const folder = (await readFolders(account.bucket, prefix)).get('')
    const sent = client.sent.filter(({ event }) => only === undefined || event === only)
    expect(byInsertId((folder?.events ?? []).map(withoutStamp))).toEqual(byInsertId(sent.map(expectedEvent)))
    expect(folder).toMatchObject({ completeBytes: 0, strays: [] })
    const files = folder?.files ?? []
    // A selection may fit into fewer than the whole.
    expect(files.length).toBeGreaterThan(only === undefined ? 2 : 0)
    expect(files.filter((key) => strays.some((stray) => key.endsWith(stray)))).toEqual([])
    if (only !== undefined) expect(files.length + 1).toBeLessThan(filesBefore)
    expectNoEarlyMarker((await account.writes()).filter(({ key }) => key.startsWith(prefix)))
  } finally {
    await server.kill('SIGTERM')
  }
}

/** The folder gets every event, from a pipeline that is then no more. */
async function exportAll(pipelines: PipelinesClient, account: Account): Promise<void> {
  const name = await pipelines.create(requestOf(account))
  expect(Object.keys(await pipelines.settled(name))).toEqual(['succeeded'])
  expect((await pipelines.call('cancel', { name })).status).toBe(200)
}

function requestOf(account: Account) {
  return {
    type: 's3-raw',
    from_date: day,
    to_date: day,
    s3_bucket: account.bucketName,
    s3_region: account.region,
    s3_prefix: account.prefix,
    s3_role: account.role,
    // The faults are for the export: a connection test would meet them first.
    skip_check: 'true',
  }
}

/** No file comes or goes while `complete` is there. The first writes are the test's own. */
function expectNoEarlyMarker(writes: Write[]): void {
  let isComplete = true
  for (const { method, key } of writes.slice(strays.length + 1)) {
    if (key.endsWith('/complete')) isComplete = method === 'PUT'
    else expect(isComplete, `${method} ${key}`).toBe(false)
  }
  expect(isComplete).toBe(true)
}
