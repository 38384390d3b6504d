/**
 * `penstock verify` finds what was damaged in a bucket on purpose, names it, and finds nothing else.
 *
 * 1. Two days of events are exported, the bytes encrypted as the pipeline asks. `verify` has nothing to say.
 * 2. One thing is changed, by the bucket's owner or in the records. `verify` says what, and ends with 1.
 * 3. It is put back, and `verify` has nothing to say again.
 */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../demo/random.ts'
import type { TestDatabase } from '../support/database.ts'
import type { SandboxPlace } from '../support/export-place.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import { type Env, penstock, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const dates = datesOverAndDue(2)
const day = dates[1] ?? ''

let stage: ServingPlace
let database: TestDatabase
let place: SandboxPlace
let env: Env
let server: RunningPenstock
let tenant: Tenant
let pipeline: string
let owner: S3Client
/** Of the day's folder: its objects by their names. */
let objects: Map<string, Buffer>
beforeAll(async () => {
  stage = await openServingPlace('verify', {
    PENSTOCK_LOG_LEVEL: 'error',
    // Small enough that a day is several files.
    PENSTOCK_PART_SIZE_BYTES: '4096',
    PENSTOCK_FILE_SIZE_BYTES: '4096',
  })
  ;({ database, place, env } = stage)
  server = await startPenstock(env)
  tenant = await createTenant({ env, server, place }, 'verified')
  const client = createLoyalClient({
    ...{ id: 1, secret: tenant.secret, token: tenant.token, random: createRandom(1) },
    dayStartSeconds: Date.parse(day) / 1000,
  })
  await client.send(server.url, 15)
  pipeline = await tenant.pipelines.create({ ...tenant.request(dates[0] ?? ''), s3_encryption: 'aes' })
  expect(Object.keys(await tenant.pipelines.settled(pipeline))).toEqual(['succeeded'])
  const { access } = tenant.account
  owner = new S3Client({
    region: access.region,
    endpoint: access.url,
    credentials: access.owner,
    forcePathStyle: true,
  })
  objects = new Map()
  for (const { key } of await tenant.account.bucket.list(dayFolder())) {
    objects.set(key.slice(dayFolder().length), (await tenant.account.bucket.read(key)).bytes)
  }
}, 120_000)
afterAll(async () => {
  owner?.destroy()
  await server?.kill('SIGTERM')
  await stage?.close()
})

const dayFolder = () => `${tenant.account.prefix}/${tenant.projectId}/${day.replaceAll('-', '/')}/full_day/`

async function put(
  name: string,
  bytes: Uint8Array,
  encryption: 'AES256' | 'aws:kms' = 'AES256',
): Promise<void> {
  const object = { Bucket: tenant.account.bucketName, Key: dayFolder() + name, Body: bytes }
  await owner.send(new PutObjectCommand({ ...object, ServerSideEncryption: encryption }))
}

async function remove(name: string): Promise<void> {
  await owner.send(new DeleteObjectCommand({ Bucket: tenant.account.bucketName, Key: dayFolder() + name }))
}

async function putBack(): Promise<void> {
  for (const { key } of await tenant.account.bucket.list(dayFolder()))
    await remove(key.slice(dayFolder().length))
  for (const [name, bytes] of objects) await put(name, bytes)
}

const fileNames = () => [...objects.keys()].filter((name) => name.endsWith('.gz')).sort()
const first = () => fileNames()[0] ?? ''
const bytesOf = (name: string) => Buffer.from(objects.get(name) ?? '')

async function verify(args: string[] = []) {
  const { code, stdout, stderr } = await penstock(['verify', '--pipeline', pipeline, '--json', ...args], env)
  if (stdout === '') throw new Error(stderr)
  const document = JSON.parse(stdout) as {
    ok: boolean
    folders: { folder: string; events: number; differences: { kind: string; key: string; found: string }[] }[]
  }
  const differences = document.folders.flatMap((verified) => verified.differences)
  return {
    code,
    document,
    found: differences.map(({ kind, key }) => `${kind}: ${key.slice(dayFolder().length)}`),
  }
}

test('what is as it was exported is verified: every folder, every event', { timeout: 60_000 }, async () => {
  const { code, document, found } = await verify()
  expect([code, document.ok, found]).toEqual([0, true, []])
  expect(document.folders.length).toBeGreaterThanOrEqual(dates.length)
  expect(document.folders[1]).toMatchObject({ folder: dayFolder(), events: expect.any(Number) })
  expect(fileNames().length).toBeGreaterThan(2)
  const { document: one } = await verify(['--from', day, '--to', day])
  expect(one.folders.map((verified) => verified.folder)).toEqual([dayFolder()])
})

interface Damage {
  do(): Promise<unknown>
  found(): string[]
  undo?(): Promise<unknown>
}

const setEvents = (by: number) => () =>
  database.pool.query('update folder_file set events = events + $1 where name = $2', [by, first()])
const setRuns = (state: string) => async () => {
  const values = [state, Date.parse(day) / 3_600_000]
  await database.pool.query('update run set state = $1 where local_hour = $2', values)
}

const damages: Record<string, Damage> = {
  'a file is gone': { do: () => remove(first()), found: () => [`file missing: ${first()}`] },
  'every file is gone': {
    do: () => Promise.all(fileNames().map(remove)),
    found: () => fileNames().map((name) => `file missing: ${name}`),
  },
  'a file is cut short': {
    do: () => put(first(), bytesOf(first()).subarray(0, -1)),
    found: () => [`file differs: ${first()}`],
  },
  'a file has one bit changed': {
    do: () => {
      const bytes = bytesOf(first())
      bytes[20] = (bytes[20] ?? 0) ^ 1
      return put(first(), bytes)
    },
    found: () => [`file differs: ${first()}`],
  },
  'a file holds another file’s bytes': {
    do: () => put(first(), bytesOf(fileNames()[1] ?? '')),
    found: () => [`file differs: ${first()}`],
  },
  'a file has another name': {
    do: async () => {
      await put('part-00000-00000000.json.gz', bytesOf(first()))
      await remove(first())
    },
    found: () => [`file missing: ${first()}`, 'stray object: part-00000-00000000.json.gz'],
  },
  'a file is not encrypted as it should be': {
    do: () => put(first(), bytesOf(first()), 'aws:kms'),
    found: () => [`encryption differs: ${first()}`],
  },
  'a file is there that no export wrote': {
    do: () => put('part-00099-00000000.json.gz', bytesOf(first())),
    found: () => ['stray object: part-00099-00000000.json.gz'],
  },
  'a note was left in the folder': {
    do: () => put('README.txt', Buffer.from('hands off')),
    found: () => ['stray object: README.txt'],
  },
  '`complete` is gone': { do: () => remove('complete'), found: () => ['complete missing: complete'] },
  '`complete` is not empty': {
    do: () => put('complete', Buffer.from('yes')),
    found: () => ['complete not empty: complete'],
  },
  'the store has other events': {
    do: setEvents(1),
    found: () => ['events differ: '],
    undo: setEvents(-1),
  },
  'the folder was never finished': {
    do: async () => {
      await setRuns('failed')()
      await database.pool.query('alter table folder rename to folder_of_before')
      await database.pool.query('create table folder as select * from folder_of_before where false')
    },
    found: () => ['not delivered: '],
    undo: async () => {
      await database.pool.query('drop table folder')
      await database.pool.query('alter table folder_of_before rename to folder')
      await setRuns('succeeded')()
    },
  },
}

test.each(Object.entries(damages))('%s', { timeout: 60_000 }, async (_what, damage) => {
  await damage.do()
  const damaged = await verify(['--from', day, '--to', day])
  expect([damaged.code, damaged.document.ok]).toEqual([1, false])
  expect(damaged.found.sort()).toEqual(damage.found().sort())
  await (damage.undo ?? putBack)()
  expect((await verify(['--from', day, '--to', day])).found).toEqual([])
})

test('a pipeline that is not there, and dates that are none, are misuse', async () => {
  const unknown = await penstock(['verify', '--pipeline', 'other'], env)
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('there is no pipeline "other"')])
  const noDate = await penstock(['verify', '--pipeline', pipeline, '--from', '2024-02-30'], env)
  expect([noDate.code, noDate.stderr]).toEqual([2, expect.stringContaining('YYYY-MM-DD')])
})
