/**
 * What a customer has set up wrongly stops that customer's export, in words, and nobody else's.
 *
 * 1. One `serve`. Each case is a project whose customer's account differs in one thing from what it should be.
 * 2. Its pipeline is due for six days. Runs fail with the cause and what to do; after three the pipeline is paused.
 * 3. The export of another project, asked for at the same time, goes on and ends well.
 * 4. It asks for one more, and gets it. Meanwhile nothing more is asked of AWS for the first.
 * 5. The customer does what the message says, and each day arrives.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SandboxAccount, SandboxPlace, World } from '../support/export-place.ts'
import type { Env, RunningPenstock } from '../support/penstock-process.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const refusalsMax = 3
/** Of one project: so many runs may be under way when its pipeline is paused. */
const runsAtOnce = 2
const dates = datesOverAndDue(6)
const fromDate = dates[0] ?? ''

let stage: ServingPlace
let place: SandboxPlace
let env: Env
let server: RunningPenstock

beforeAll(async () => {
  stage = await openServingPlace('refusals', {
    PENSTOCK_REFUSALS_MAX: String(refusalsMax),
    PENSTOCK_RUNS_PER_PROJECT_MAX: String(runsAtOnce),
    // Whatever loops shall do so soon.
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    PENSTOCK_RUN_RETRY_BASE_MS: '1',
  })
  ;({ place, env } = stage)
  server = await stage.start()
})
afterAll(async () => {
  await server?.kill('SIGTERM')
  await stage?.close()
})

interface Case {
  what: string
  /** How the account differs. */
  spoil(world: World, account: SandboxAccount): void
  form?(account: SandboxAccount): Record<string, string>
  code: string
  /** The cause, and what to change. */
  says: RegExp
  /** What a refused run asks of S3. */
  asks: Record<string, number>
}

test.each<Case>([
  {
    what: 'a trust policy that demands another external ID',
    spoil: (world, { role }) => {
      const spoilt = one(world.roles, ({ arn }) => arn === role)
      spoilt.trust_policy.Statement.Condition.StringEquals['sts:ExternalId'] = 'f'.repeat(32)
    },
    code: 'STS_ROLE_DENIED',
    says: /another external ID.*StringEquals sts:ExternalId = the project's token/,
    asks: {},
  },
  {
    what: 'a bucket that is not there',
    spoil: (world, { bucketName }) => {
      world.buckets = world.buckets.filter(({ name }) => name !== bucketName)
    },
    code: 'S3_BUCKET_NOT_FOUND',
    says: /there is no such bucket\. Create it/,
    asks: { ListObjectsV2: 1 },
  },
  {
    what: 'a key that is disabled',
    spoil: (world, { kmsKey }) => {
      one(world.keys, ({ arn }) => arn === kmsKey).enabled = false
    },
    form: ({ kmsKey }) => ({ s3_encryption: 'kms', s3_kms_key_id: kmsKey }),
    code: 'KMS_KEY_DISABLED',
    says: /is disabled\. Enable it in KMS/,
    asks: { ListObjectsV2: 1, PutObject: 1 },
  },
])('$what', async ({ spoil, form, code, says, asks }) => {
  const [spoilt, other] = await newTenants()
  await place.changeWorld((world) => spoil(world, spoilt.account))
  const name = await spoilt.pipelines.create({ ...unchecked(spoilt), ...form?.(spoilt.account) })
  const others = await other.pipelines.create(other.request(fromDate))
  const refused = await expectPaused(spoilt, name, code, says)
  await expectExported(other, others)
  await expectQuiet({ spoilt, refused, asks, other })

  await place.changeWorld(() => {})
  expect(await spoilt.account.bucket.list()).toEqual([])
  await spoilt.pipelines.call('resume', { name })
  await expectExported(spoilt, name)
})

test('a region that is not that of the bucket', async () => {
  const [spoilt, other] = await newTenants()
  const name = await spoilt.pipelines.create({ ...unchecked(spoilt), s3_region: 'eu-west-1' })
  const others = await other.pipelines.create(other.request(fromDate))
  const says = /is in us-west-2; the pipeline says eu-west-1\. Create it again with s3_region=us-west-2/
  const refused = await expectPaused(spoilt, name, 'S3_BUCKET_REGION_MISMATCH', says)
  await expectExported(other, others)
  await expectQuiet({ spoilt, refused, asks: { ListObjectsV2: 1 }, other })
  expect(await spoilt.account.bucket.list()).toEqual([])

  await spoilt.pipelines.call('cancel', { name })
  await expectExported(spoilt, await spoilt.pipelines.create(spoilt.request(fromDate)))
})

test('a role without s3:DeleteObject, where something must be deleted', async () => {
  const [spoilt, other] = await newTenants()
  await place.changeWorld((world) => {
    const [policy] = one(world.roles, ({ arn }) => arn === spoilt.account.role).policies
    ;(policy as BucketPolicy).Statement.Action = ['s3:PutObject', 's3:GetObject', 's3:ListBucket']
  })
  const first = await spoilt.pipelines.create(unchecked(spoilt))
  // Nothing has to go in a bucket that is empty.
  await expectExported(spoilt, first)
  const exported = await spoilt.account.bucket.list()
  await spoilt.pipelines.call('cancel', { name: first })
  const askedBefore = (await spoilt.asked()).length

  const name = await spoilt.pipelines.create(unchecked(spoilt))
  const others = await other.pipelines.create(other.request(fromDate))
  const says = /take `complete` away.*Allow s3:DeleteObject on arn:aws:s3:::[\w-]+\/\*/
  const refused = await expectPaused(spoilt, name, 'S3_DELETE_DENIED', says)
  await expectExported(other, others)
  await expectQuiet({ spoilt, refused, asks: { ListObjectsV2: 1, DeleteObject: 1 }, other, askedBefore })
  // A folder that can't be written anew stays as it was.
  expect(await spoilt.account.bucket.list()).toEqual(exported)

  await place.changeWorld(() => {})
  await spoilt.pipelines.call('resume', { name })
  await expectExported(spoilt, name)
})

/** Its request, taken although the connection test would refuse it: accounts also change under a pipeline that works. */
function unchecked(tenant: Tenant): Record<string, string> {
  return { ...tenant.request(fromDate), skip_check: 'true' }
}

interface BucketPolicy {
  Statement: { Action: string[] }
}

/** The one under test, and one that does everything right. */
async function newTenants(): Promise<[Tenant, Tenant]> {
  const tenants = [
    await createTenant({ env, server, place }, 'spoilt'),
    await createTenant({ env, server, place }, 'other'),
  ] as const
  for (const tenant of tenants) await tenant.sendEvents(dates)
  return [...tenants]
}

/** Its owner can read why, for each run and for the pipeline. Gives the number of refused runs. */
async function expectPaused(
  { pipelines, projectId }: Tenant,
  name: string,
  code: string,
  says: RegExp,
): Promise<number> {
  const job = async () => (await pipelines.call('jobs')).json[projectId][0]
  await expect.poll(job, { timeout: 60_000 }).toMatchObject({ name, state: 'paused' })
  const runs = async () => (await pipelines.call(`status?name=${name}`)).json
  await expect.poll(runs, { timeout: 60_000 }).not.toHaveProperty('running')
  const { failed, pending, ...rest } = await runs()
  expect(rest).toEqual({})
  expect(failed.length).toBeGreaterThanOrEqual(refusalsMax)
  expect(failed.length).toBeLessThan(refusalsMax + runsAtOnce)
  for (const run of failed) {
    expect(run).toMatchObject({ attempts: 1, error: { code, message: expect.stringMatching(says) } })
  }
  const { pause_reason: reason, last_error: lastError } = await job()
  expect(lastError.code).toBe(code)
  expect(reason).toContain(`paused after ${refusalsMax} refused runs in a row: ${code}: `)
  expect(reason).toMatch(says)
  for (const run of pending) expect(run.held).toContain(code)
  return failed.length
}

interface Quiet {
  spoilt: Tenant
  /** Refused runs. */
  refused: number
  /** Of each of them. */
  asks: Record<string, number>
  other: Tenant
  askedBefore?: number
}

/** Each refused run has asked once, and while days of the other project are exported nobody asks again. */
async function expectQuiet({ spoilt, refused, asks, other, askedBefore = 0 }: Quiet): Promise<void> {
  const again = { ...other.request(fromDate), to_date: dates.at(-1) ?? '', s3_prefix: 'again' }
  const { succeeded, ...rest } = await other.pipelines.settled(await other.pipelines.create(again))
  expect(rest).toEqual({})
  expect(succeeded).toHaveLength(dates.length)
  const asked = (await spoilt.asked()).slice(askedBefore).map(({ action }) => action ?? 'unknown')
  const { AssumeRole = 0, ...ofS3 } = Object.fromEntries(
    [...Map.groupBy(asked, (action) => action)].map(([action, all]) => [action, all.length]),
  )
  expect(AssumeRole).toBeLessThanOrEqual(refused)
  expect(ofS3).toEqual(
    Object.fromEntries(Object.entries(asks).map(([action, times]) => [action, times * refused])),
  )
}

async function expectExported({ pipelines, account, projectId }: Tenant, name: string): Promise<void> {
  const { succeeded, ...rest } = await pipelines.settled(name)
  expect(rest).toEqual({})
  // Yesterday is due too, but for its first half hour.
  expect(succeeded?.length).toBeGreaterThanOrEqual(dates.length)
  for (const date of dates) {
    const day = `${account.prefix}/${projectId}/${date.replaceAll('-', '/')}/full_day/`
    expect((await account.bucket.events(day)).map(({ properties }) => properties.$insert_id)).toEqual([date])
    expect((await account.bucket.list(day)).map(({ key }) => key)).toContain(`${day}complete`)
  }
}

function one<Item>(items: Item[], isIt: (item: Item) => boolean): Item {
  const found = items.find(isIt)
  if (found === undefined) throw new Error('the world has nothing like it')
  return found
}
