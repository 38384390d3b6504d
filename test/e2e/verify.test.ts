/**
 * `penstock verify` finds what was damaged in a bucket on purpose, names it, and finds nothing else; with `--repair` it mends
 * that, and touches nothing else.
 *
 * 1. Two days of events are exported, the bytes encrypted as the pipeline asks. `verify` has nothing to say.
 * 2. One thing is changed, by the bucket's owner or in the records. `verify` says what, and ends with 1.
 * 3. `verify --repair` exports the folder again, beside the serving process, and nothing of the other day is written.
 * 4. What no export writes or deletes stays where it is, and is told. At the end `verify` has nothing to say.
 */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../demo/random.ts'
import type { FolderDifference } from '../../src/workflows/verify-folder.ts'
import type { VerifiedFolder } from '../../src/workflows/verify-pipeline.ts'
import type { TestDatabase } from '../support/database.ts'
import type { SandboxPlace } from '../support/export-place.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import { type Env, penstock, type RunningPenstock } from '../support/penstock-process.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const dates = datesOverAndDue(2)
const day = dates[1] ?? ''
const dayHour = Date.parse(day) / 3_600_000

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
  server = await stage.start()
  tenant = await createTenant({ env, server, place }, 'verified')
  const client = createLoyalClient({
    ...{ id: 1, secret: tenant.secret, token: tenant.token, random: createRandom(1) },
    dayStartSeconds: Date.parse(day) / 1000,
  })
  await client.send(server.url, 15)
  pipeline = await tenant.pipelines.create({
    ...tenant.request(dates[0] ?? ''),
    s3_encryption: 'aes',
    manifest: 'true',
  })
  expect(Object.keys(await tenant.pipelines.settled(pipeline))).toEqual(['succeeded'])
  const { access } = tenant.account
  owner = new S3Client({
    region: access.region,
    endpoint: access.url,
    credentials: access.owner,
    forcePathStyle: true,
  })
  await readDay()
}, 120_000)
afterAll(async () => {
  owner?.destroy()
  await server?.kill('SIGTERM')
  await stage?.close()
})

const folderOf = (date: string) =>
  `${tenant.account.prefix}/${tenant.projectId}/${date.replaceAll('-', '/')}/full_day/`
const dayFolder = () => folderOf(day)

const manifestKey = () =>
  `${tenant.account.prefix}/${tenant.projectId}/_manifests/${day.replaceAll('-', '/')}/full_day.json`

const put = (name: string, bytes: Uint8Array, encryption: 'AES256' | 'aws:kms' = 'AES256') =>
  putKey(dayFolder() + name, bytes, encryption)
const remove = (name: string) => removeKey(dayFolder() + name)

async function putKey(
  Key: string,
  Body: Uint8Array,
  ServerSideEncryption: 'AES256' | 'aws:kms' = 'AES256',
): Promise<void> {
  const Bucket = tenant.account.bucketName
  await owner.send(new PutObjectCommand({ Bucket, Key, Body, ServerSideEncryption }))
}

async function removeKey(Key: string): Promise<void> {
  await owner.send(new DeleteObjectCommand({ Bucket: tenant.account.bucketName, Key }))
}

async function readDay(): Promise<void> {
  objects = new Map()
  for (const { key } of await tenant.account.bucket.list(dayFolder())) {
    objects.set(key.slice(dayFolder().length), (await tenant.account.bucket.read(key)).bytes)
  }
}

const fileNames = () => [...objects.keys()].filter((name) => name.endsWith('.gz')).sort()
const first = () => fileNames()[0] ?? ''
const bytesOf = (name: string) => Buffer.from(objects.get(name) ?? '')

/** In the day's folder; of the manifest, the name that no file has. */
const nameOf = (key: string) => (key === manifestKey() ? 'manifest' : key.slice(dayFolder().length))

async function verify(args: string[] = []) {
  const { code, stdout, stderr } = await penstock(['verify', '--pipeline', pipeline, '--json', ...args], env)
  if (stdout === '') throw new Error(stderr)
  const document = JSON.parse(stdout) as {
    ok: boolean
    folders: VerifiedFolder[]
  }
  const named = (list: FolderDifference[]) => list.map(({ kind, key }) => `${kind}: ${nameOf(key)}`).sort()
  return {
    code,
    document,
    found: named(document.folders.flatMap(({ differences }) => differences)),
    repaired: named(document.folders.flatMap(({ repaired = [] }) => repaired)),
  }
}

test('what is as it was exported is verified: every folder, every event', { timeout: 120_000 }, async () => {
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
  /** What no repair takes away. */
  stays?: string
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
    stays: 'README.txt',
  },
  '`complete` is gone': { do: () => remove('complete'), found: () => ['complete missing: complete'] },
  '`complete` is not empty': {
    do: () => put('complete', Buffer.from('yes')),
    found: () => ['complete not empty: complete'],
  },
  'the manifest is gone': {
    do: () => removeKey(manifestKey()),
    found: () => ['manifest missing: manifest'],
  },
  'the manifest says something else': {
    do: async () => {
      const { bytes } = await tenant.account.bucket.read(manifestKey())
      await putKey(manifestKey(), Buffer.from(bytes.toString().replace('"events"', '"Events"')))
    },
    found: () => ['manifest differs: manifest'],
  },
  'the store has other events': {
    do: () => database.pool.query('update folder_file set events = events + 1 where name = $1', [first()]),
    found: () => ['events differ: ', 'manifest differs: manifest'],
  },
  'the folder was never finished': {
    do: async () => {
      await database.pool.query('delete from folder where local_hour = $1', [dayHour])
      await database.pool.query("update run set state = 'failed' where local_hour = $1", [dayHour])
    },
    found: () => ['not delivered: '],
  },
}

test.each(Object.entries(damages))('%s', { timeout: 120_000 }, async (_what, damage) => {
  await damage.do()
  const expected = damage.found().sort()
  const damaged = await verify(['--from', day, '--to', day])
  expect([damaged.code, damaged.document.ok, damaged.found]).toEqual([1, false, expected])

  const written = async () =>
    (await tenant.asked()).filter(({ action }) => /^(Put|Delete)/.test(action ?? ''))
  const before = (await written()).length
  const repaired = await verify(['--repair'])
  const stay = damage.stays === undefined ? [] : expected
  expect([repaired.code, repaired.found]).toEqual([stay.length === 0 ? 0 : 1, stay])
  expect(repaired.repaired).toEqual(damage.stays === undefined ? expected : [])
  const keys = (await written()).slice(before).map(({ key }) => key ?? '')
  expect(keys.filter((key) => key.startsWith(folderOf(dates[0] ?? '')))).toEqual([])
  if (damage.stays !== undefined) {
    expect(keys.filter((key) => key.startsWith(dayFolder()))).toEqual([])
    await remove(damage.stays)
  }
  await readDay()
})

test('after all repairs there is nothing to say', { timeout: 120_000 }, async () => {
  expect((await verify()).found).toEqual([])
})

test('a paused pipeline is not repaired', { timeout: 120_000 }, async () => {
  await tenant.pipelines.call('pause', { name: pipeline })
  const paused = await penstock(['verify', '--pipeline', pipeline, '--repair'], env)
  expect([paused.code, paused.stderr]).toEqual([2, expect.stringContaining('resume it')])
  await tenant.pipelines.call('resume', { name: pipeline })
})

test('a pipeline that is not there, and dates that are none, are misuse', async () => {
  const unknown = await penstock(['verify', '--pipeline', 'other'], env)
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('there is no pipeline "other"')])
  const noDate = await penstock(['verify', '--pipeline', pipeline, '--from', '2024-02-30'], env)
  expect([noDate.code, noDate.stderr]).toEqual([2, expect.stringContaining('YYYY-MM-DD')])
})
