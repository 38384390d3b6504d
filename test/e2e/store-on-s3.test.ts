/**
 * What an operator does with an event store on S3, and what clients hear while that S3 fails.
 *
 * 1. Processes of each role on PostgreSQL and an S3; events come in, a day is exported.
 * 2. The commands that look after the store, on that S3.
 * 3. Its S3 fails and works again; a start that can't work is refused.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openS3BlobStore } from '../../src/data/store/s3/s3-blob-store.ts'
import { createSegmentIds } from '../../src/data/store/segment-id.ts'
import { penstock, penstockJson, type RunningPenstock, spawnPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { type ShapedPlace, shapes } from '../support/shapes.ts'
import { type StoreSandbox, storeKeys, storeWorld } from '../support/store-sandbox.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const dates = datesOverAndDue(3)
const name = 'events-daily-s3-raw'

let stage: ShapedPlace
let storeSandbox: StoreSandbox
let server: RunningPenstock
let acme: Tenant
beforeAll(async () => {
  const shape = shapes.at(-1)
  if (shape === undefined) throw new Error('there is no such shape')
  stage = await shape.open('store-on-s3', {
    PENSTOCK_STORE_S3_WRITE_SECONDS_MAX: '1',
    PENSTOCK_COMPACTION_BYTES_PER_SECOND_MAX: '0',
    PENSTOCK_RUN_RETRY_BASE_MS: '100',
    PENSTOCK_STORE_S3_READ_SECONDS_MAX: '1',
  })
  storeSandbox = stage.storeSandbox as StoreSandbox
  server = await stage.start()
  acme = await createTenant({ env: stage.env, server, place: stage.place }, 'acme')
  for (const date of dates) await acme.sendEvents([date])
  await acme.pipelines.create(acme.request(dates[0] ?? ''))
  expect(Object.keys(await acme.pipelines.settled(name))).toEqual(['succeeded'])
})
afterAll(async () => {
  await server?.kill('SIGTERM')
  await stage?.close()
})

const exported = async () =>
  (await acme.account.bucket.events()).map(({ properties }) => properties.$insert_id).sort()

test('penstock check tries the bucket, and says what is denied', async () => {
  const itemOf = async () => {
    const { stdout } = await penstock(['check', '--json'], stage.env)
    const { checks } = JSON.parse(stdout) as { checks: { item: string; ok: boolean; found: string }[] }
    return checks.find(({ item }) => item === 'event store')
  }
  expect(await itemOf()).toMatchObject({
    ok: true,
    found: expect.stringContaining('s3://penstock-store/events'),
  })
  const readOnly = { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::*' }
  await storeSandbox.control.changeWorld(storeWorld([{ Statement: readOnly }]))
  expect(await itemOf()).toMatchObject({
    ok: false,
    found: expect.stringContaining('allow this process s3:PutObject'),
  })
  await storeSandbox.control.changeWorld(storeWorld())
})

test('the store is checked, compacted and indexed anew, and the bucket is verified against it', async () => {
  const blobs = await openS3BlobStore(storeSandbox.options())
  const orphan = createSegmentIds({ nowMs: Date.now })()
  await blobs.write(orphan, new Uint8Array(100))
  const problems = async () =>
    (await penstockJson<{ events: number; problems: object[] }>(['store', 'check'], stage.env)).problems
  expect(await problems()).toEqual([expect.objectContaining({ kind: 'unindexed', segmentId: orphan })])
  const compacted = await penstockJson(['store', 'compact'], stage.env)
  expect(compacted).toMatchObject({ membersMerged: dates.length, segmentsRemoved: dates.length })
  expect(await penstockJson(['store', 'reindex'], stage.env)).toMatchObject({
    ...{ renewed: 1, damaged: [], unfinished: [orphan] },
  })
  await blobs.remove([orphan])
  blobs.close()
  expect(await problems()).toEqual([])
  const verified = await penstock(['verify', '--pipeline', name, '--json'], stage.env)
  expect(verified.stderr).toBe('')
  expect(verified.code).toBe(0)
  expect(await exported()).toEqual([...dates].sort())
})

async function sendOne(id: string): Promise<Response> {
  const time = Date.parse(dates[0] ?? '') / 1000
  const event = { event: 'Late', properties: { time, distinct_id: 'ann', $insert_id: id } }
  return await fetch(`${server.url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${acme.secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify([event]),
  })
}

test('while its S3 fails, events are refused with 503 and it is not ready; then both go on by themselves', async () => {
  await storeSandbox.control.fault({ status: 503, code: 'SlowDown' })
  const refused = await sendOne('during-outage')
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  const ready = async () => {
    const answer = await fetch(`${server.url}/readyz`)
    return { status: answer.status, text: await answer.text() }
  }
  await expect
    .poll(ready)
    .toMatchObject({ status: 503, text: expect.stringContaining('the S3 of the event store') })
  expect((await ready()).text).not.toContain('penstock-store')

  // A run that meets it waits for it, and is no refusal of the customer's.
  const dated = { ...acme.request(dates[0] ?? ''), to_date: dates[0] ?? '', s3_prefix: 'again' }
  const again = await acme.pipelines.create(dated)
  const retried = async () =>
    (await acme.pipelines.call(`status?name=${again}`)).json.retried?.[0]?.error?.code
  await expect.poll(retried, { timeout: 20_000 }).toBe('STORE_READ_FAILED')
  await storeSandbox.control.clearFaults()
  expect(Object.keys(await acme.pipelines.settled(again))).toEqual(['succeeded'])
  expect((await sendOne('after-outage')).status).toBe(200)
  await expect.poll(ready).toMatchObject({ status: 200 })
  expect(server.log()).toContain('STORE_WRITE_FAILED')
  expect(server.log()).not.toContain(storeKeys.secretAccessKey)
})

test('a start on a bucket that is not there, or with wrong credentials, is refused with what to mend', async () => {
  const starting = async (settings: Record<string, string>) => {
    const process = spawnPenstock({ ...stage.env, ...settings }, ['--roles', 'api'])
    const code = await process.ended
    return { code, log: process.log() }
  }
  expect(await starting({ PENSTOCK_STORE_URL: 's3://not-there/x' })).toMatchObject({
    code: 1,
    log: expect.stringContaining('STORE_UNUSABLE'),
  })
  const wrong = await starting({ PENSTOCK_STORE_S3_SECRET_ACCESS_KEY: 'not-the-secret' })
  expect(wrong).toMatchObject({ code: 1, log: expect.stringContaining('its credentials are wrong') })
  expect(wrong.log).not.toContain('not-the-secret')
})
