/**
 * Real events through the whole of Penstock into customers' buckets: the sandbox's, and those of a real S3 server.
 *
 * 1. `serve` is started as an operator starts it: on its embedded defaults, or as processes on PostgreSQL and S3.
 * 2. Each case makes a project, and a customer sets up a role for it.
 * 3. `penstock import` sends four days of a website's access log: 9,999 events, 9,980 of them distinct.
 * 4. The pipeline request is posted, and every run that is due ends.
 * 5. The bucket's owner reads it, and the server's log of requests tells what was asked of it and in which order.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SentEvent } from '../../demo/events.ts'
import { accessLogIsThere, readAccessLog } from '../support/access-log.ts'
import { cephLabMissing, openCephLab } from '../support/ceph-lab.ts'
import { checkFolders, checkWrites } from '../support/check-export.ts'
import { type Installation, openInstallation } from '../support/chosen-shape.ts'
import { type Account, cephPlace, type ExportPlace } from '../support/export-place.ts'
import { type Env, penstock, penstockJson, type RunningPenstock } from '../support/penstock-process.ts'
import { type PipelinesClient, pipelinesClient } from '../support/pipelines-client.ts'
import { type Shape, type ShapedPlace, shapes } from '../support/shapes.ts'

const missing = accessLogIsThere ? cephLabMissing() : '../shared/data is not there'
const parts = {
  'access log into the sandbox': accessLogIsThere,
  'access log into Ceph': missing === undefined,
}
for (const [part, runs] of Object.entries(parts)) {
  process.stdout.write(`${runs ? 'runs' : `skipped, ${missing ?? ''}`}: ${part}\n`)
}

const startMsMax = 600_000
const caseMsMax = 180_000
const lineCount = 9_999
const distinctCount = 9_980

interface Case {
  timeZone: string
  frequency?: 'hourly'
  encryption: 'none' | 'aes' | 'kms'
  /** Names the customer's own key. */
  withKey?: true
  /** The connection test refuses it, and it is made all the same. */
  unchecked?: true
}

interface Exporting {
  project: { project_id: number; token: string; api_secret: string }
  account: Account
  pipelines: PipelinesClient
  name: string
  sentFromMs: number
  sentToMs: number
}

let folder: string
let file: string
let events: SentEvent[]
// The day before yesterday: its last hours are over in every time zone, and their folders due, whatever the time is.
const lastDay = dateBefore(2)
// The log has four days; the two before them have no event anywhere.
const fromDate = dateBefore(7)

beforeAll(async () => {
  if (!accessLogIsThere) return
  folder = await mkdtemp(join(tmpdir(), 'penstock-access-log-'))
  file = join(folder, 'events.ndjson')
  const log = await readAccessLog(lastDay)
  events = log.events
  await writeFile(file, log.ndjson)
})
afterAll(async () => {
  if (accessLogIsThere) await rm(folder, { recursive: true, force: true })
})

describe.skipIf(!parts['access log into the sandbox']).each(shapes)(
  'the access log, into the sandbox: $name',
  (shape) => {
    const running = startShape(shape)

    test.each<Case>([
      { timeZone: 'America/Los_Angeles', encryption: 'aes' },
      { timeZone: 'Asia/Kolkata', encryption: 'kms' },
      { timeZone: 'UTC', encryption: 'kms', withKey: true },
      { timeZone: 'Asia/Kolkata', encryption: 'none', frequency: 'hourly' },
    ])('every event once, in its folder: %j', { timeout: caseMsMax }, async (chosen) => {
      await expectExport(await startExport(running(), chosen), chosen)
    })
  },
)

describe.skipIf(!parts['access log into Ceph'])('the access log, into a Ceph gateway', () => {
  // One run at a time: none is broken off in the middle of a file when the refusal of another pauses the pipeline.
  const running = startAll(async () => cephPlace(await openCephLab()), { PENSTOCK_RUNS_PER_PROJECT_MAX: '1' })

  test.each<Case>([
    { timeZone: 'America/Los_Angeles', encryption: 'none' },
    { timeZone: 'Asia/Kolkata', encryption: 'kms', withKey: true },
  ])('every event once, in its folder: %j', { timeout: caseMsMax }, async (chosen) => {
    await expectExport(await startExport(running(), chosen), chosen)
  })

  test('aes, which this server takes and does not confirm, is refused, and nothing stays there', {
    timeout: caseMsMax,
  }, async () => {
    const { pipelines, name, account, project } = await startExport(running(), {
      timeZone: 'UTC',
      encryption: 'aes',
      unchecked: true,
    })
    const jobs = async () => (await pipelines.call('jobs')).json[project.project_id][0]
    await expect.poll(jobs, { timeout: caseMsMax }).toMatchObject({ state: 'paused' })
    expect((await jobs()).pause_reason).toContain('S3_ENCRYPTION_NOT_CONFIRMED')
    const { failed, succeeded } = (await pipelines.call(`status?name=${name}`)).json
    expect(succeeded).toBeUndefined()
    expect(failed[0].error).toMatchObject({ code: 'S3_ENCRYPTION_NOT_CONFIRMED' })
    expect(failed[0].error.message).toContain('was to be encrypted by AES256')
    expect(await account.bucket.list(`${account.prefix}/`)).toEqual([])
  })
})

/** Starts a place and a Penstock that exports to it, before the tests of a block, and stops both after them. */
function startAll(openPlace: () => Promise<ExportPlace>, settings: Env = {}) {
  let place: ExportPlace
  let installation: Installation
  let server: RunningPenstock
  beforeAll(async () => {
    place = await openPlace()
    const dataDir = await mkdtemp(join(folder, 'data-'))
    installation = await openInstallation({ ...place.env, ...settings, PENSTOCK_DATA_DIR: dataDir })
    server = await installation.start()
  }, startMsMax)
  afterAll(async () => {
    await server?.kill('SIGTERM')
    await installation?.close()
    await place?.close()
  })
  return () => ({ place, env: installation.env, server })
}

/** The same in one of the two shapes, into a sandbox. */
function startShape(shape: Shape) {
  let stage: ShapedPlace
  let server: RunningPenstock
  beforeAll(async () => {
    stage = await shape.open('access-log')
    server = await stage.start()
  })
  afterAll(async () => {
    await server?.kill('SIGTERM')
    await stage?.close()
  })
  return () => ({ place: stage.place, env: stage.env, server })
}

/** From a new project to the pipeline's name; the request is the one that the README shows. */
async function startExport(
  { place, env, server }: { place: ExportPlace; env: Env; server: RunningPenstock },
  chosen: Case,
): Promise<Exporting> {
  const project = await penstockJson<Exporting['project']>(
    ['project', 'create', '--name', 'access log', '--timezone', chosen.timeZone],
    env,
  )
  const account = await place.admit(project.token)
  const sentFromMs = Date.now()
  await importFile(server.url, project.api_secret)
  const sentToMs = Date.now()
  const pipelines = pipelinesClient(server.url, project.api_secret)
  const request = {
    type: 's3-raw',
    from_date: fromDate,
    s3_bucket: account.bucketName,
    s3_region: account.region,
    s3_prefix: account.prefix,
    s3_role: account.role,
    s3_encryption: chosen.encryption,
    ...(chosen.withKey && { s3_kms_key_id: account.kmsKey }),
    ...(chosen.frequency && { frequency: chosen.frequency }),
  }
  if (chosen.unchecked) {
    const { status, json } = await pipelines.call('create', request)
    expect(status).toBe(422)
    expect(json.error).toContain('was to be encrypted by AES256')
  }
  const name = await pipelines.create({ ...request, ...(chosen.unchecked && { skip_check: 'true' }) })
  return { project, account, pipelines, name, sentFromMs, sentToMs }
}

async function importFile(url: string, secret: string): Promise<void> {
  const { code, stdout, stderr } = await penstock(
    ['import', file, '--url', url, '--secret', secret, '--json'],
    {},
  )
  expect(stderr).not.toContain('Error')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'finished', imported: lineCount, refused: 0 })
}

async function expectExport(exporting: Exporting, chosen: Case): Promise<void> {
  const { project, account, pipelines, name, ...sent } = exporting
  const runs = await pipelines.settled(name, caseMsMax)
  expect(Object.keys(runs)).toEqual(['succeeded'])

  const prefix = `${account.prefix}/${project.project_id}/`
  const rules = {
    timeZone: chosen.timeZone,
    frequency: chosen.frequency ?? ('daily' as const),
    fromDate,
    prefix,
    bucket: account.bucket,
  }
  expect(await checkFolders({ ...rules, sent: { events, ...sent } })).toBe(distinctCount)
  checkWrites(await account.writes(), prefix, expectedEncryption(chosen, account.kmsKey))
}

function expectedEncryption({ encryption, withKey }: Case, kmsKey: string) {
  const algorithms = { none: undefined, aes: 'AES256', kms: 'aws:kms' }
  return { algorithm: algorithms[encryption], kmsKeyId: withKey ? kmsKey : undefined }
}

/** The UTC date so many days ago. */
function dateBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
}
