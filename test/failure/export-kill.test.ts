/**
 * `serve` is killed at each step of an export; the next one brings the folder to its end.
 *
 * For each step:
 * 1. A project with a day of events, and a folder of that day in its customer's bucket that looks exported already: a file
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
import { killDatabase } from '../support/kill-database.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import { type Env, penstockJson, startPenstock } from '../support/penstock-process.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { type SandboxControl, sandboxControl } from '../support/sandbox-control.ts'
import { byInsertId, withoutStamp } from '../support/stamped-events.ts'
import type { Write } from '../support/write-log.ts'

const hangs = { delay_ms: 600_000, times: 1 }
const passes = { delay_ms: 0, times: 1 }

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
  await expectRecovery(async () => {
    for (const fault of faults) await control.fault(fault)
    return async () => {
      const strikes = async () => (await control.inFlight()).filter(({ fault }) => fault).length
      await expect.poll(strikes, { timeout: 30_000 }).toBe(1)
    }
  })
})

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

/** @param arrange sets the hang, and gives what waits until it has come */
async function expectRecovery(
  arrange: () => Promise<() => Promise<void>>,
  clear: () => Promise<unknown> = () => control.clearFaults(),
): Promise<void> {
  const project = await penstockJson<{ project_id: number; token: string; api_secret: string }>(
    ['project', 'create', '--name', 'killed'],
    env,
  )
  const account = await place.admit(project.token)
  const prefix = `${account.prefix}/${project.project_id}/${day.replaceAll('-', '/')}/full_day/`
  await account.bucket.put(`${prefix}part-00099-00000000.json.gz`, 'of an earlier export')
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
  const waitForHang = await arrange()
  const name = await pipelinesClient(killed.url, project.api_secret).create(requestOf(account))
  await waitForHang()
  await killed.kill('SIGKILL')
  await clear()

  const server = await startPenstock(env)
  try {
    const runs = await pipelinesClient(server.url, project.api_secret).settled(name, 60_000)
    expect(Object.keys(runs)).toEqual(['succeeded'])
    const exported = await account.bucket.events(prefix)
    expect(byInsertId(exported.map(withoutStamp))).toEqual(byInsertId(client.sent.map(expectedEvent)))
    const keys = (await account.bucket.list(prefix)).map(({ key, bytes }) => ({ key, bytes }))
    expect(keys.length).toBeGreaterThan(3)
    expect(keys[0]).toEqual({ key: `${prefix}complete`, bytes: 0 })
    expect(keys.filter(({ key }) => key.includes('part-00099-'))).toEqual([])
    expectNoEarlyMarker((await account.writes()).filter(({ key }) => key.startsWith(prefix)))
  } finally {
    await server.kill('SIGTERM')
  }
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
  }
}

/** No file comes or goes while `complete` is there. The first two writes are the test's own. */
function expectNoEarlyMarker(writes: Write[]): void {
  let isComplete = true
  for (const { method, key } of writes.slice(2)) {
    if (key.endsWith('/complete')) isComplete = method === 'PUT'
    else expect(isComplete, `${method} ${key}`).toBe(false)
  }
  expect(isComplete).toBe(true)
}
