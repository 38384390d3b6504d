/**
 * Late events reach the folders that a customer has already, through a serving Penstock and the sandbox.
 *
 * 1. Days up to twelve days back are exported by two pipelines, of which one doesn't want syncs.
 * 2. Late events come: new ones, newer ones of events that are exported, and some for a day that is too long ago.
 * 3. `serve` is killed in the middle of a sync.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BucketObject } from '../support/bucket-reader.ts'
import type { SandboxPlace } from '../support/export-place.ts'
import type { RunningPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { type ShapedPlace, shapes } from '../support/shapes.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const dates = datesOverAndDue(12)
const tooOld = dates[0] ?? ''
const day = dates.at(-1) ?? ''
const synced = 'events-daily-s3-raw'

let stage: ShapedPlace
let place: SandboxPlace
let server: RunningPenstock
let acme: Tenant
/** The `index`-th event of a date; what is sent again under it is a newer line of the same event. */
function eventOf(date: string, index: number) {
  const time = Date.parse(date) / 1000 + index * 20
  // Noise that doesn't compress: files have about the size of their events.
  const payload = randomBytes(150).toString('base64')
  return { event: 'Viewed', properties: { time, distinct_id: 'ann', $insert_id: `e-${index}`, payload } }
}

type SentEvent = ReturnType<typeof eventOf>

async function send(events: SentEvent[]): Promise<void> {
  const answer = await fetch(`${server.url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${acme.secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
  expect(answer.status).toBe(200)
}

const folderOf = (prefix: string, date: string) =>
  `${prefix}/${acme.projectId}/${date.replaceAll('-', '/')}/full_day/`

const listDay = () => acme.account.bucket.list(folderOf('test', day))

/** Waits until every pipeline's folders have been looked at after now, and what was found is done. */
async function looked(): Promise<void> {
  const nextLook = async () => {
    const row = await stage.database.db
      .selectFrom('pipeline')
      .select('next_sync_at')
      .where('name', '=', synced)
    return (await row.executeTakeFirstOrThrow()).next_sync_at?.getTime() ?? 0
  }
  // The look under way may have begun before.
  for (let looks = 0; looks < 2; looks++) {
    const before = await nextLook()
    await expect.poll(nextLook, { timeout: 30_000 }).toBeGreaterThan(before)
  }
  expect(Object.keys(await acme.pipelines.settled(synced))).toEqual(['succeeded'])
}

function changes(before: BucketObject[], after: BucketObject[]) {
  const unchanged = (left: BucketObject[], right: BucketObject[]) =>
    left.filter(({ key, etag }) => !right.some((other) => other.key === key && other.etag === etag))
  return { gone: unchanged(before, after), come: unchanged(after, before) }
}

/** The events of the day by their ids, each once. */
async function payloads(): Promise<Map<unknown, unknown>> {
  const events = await acme.account.bucket.events(folderOf('test', day))
  const byId = new Map(events.map(({ properties }) => [properties.$insert_id, properties.payload]))
  expect(byId.size).toBe(events.length)
  return byId
}

/** What was written to the day's folder while `work` was done. */
async function writesDuring(work: () => Promise<void>): Promise<string[]> {
  const written = async () =>
    (await acme.account.writes())
      .filter(({ key }) => key.startsWith(folderOf('test', day)))
      .map(({ method, key }) => `${method} ${key.slice(folderOf('test', day).length)}`)
  const before = await written()
  await work()
  return (await written()).slice(before.length)
}

describe.each(shapes)('$name', (shape) => {
  beforeAll(async () => {
    stage = await shape.open('late-sync', {
      PENSTOCK_LOG_LEVEL: 'warn',
      PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
      PENSTOCK_SYNC_INTERVAL_SECONDS: '1',
      PENSTOCK_RUN_LEASE_SECONDS: '2',
      // Small enough that sixty events are several files.
      PENSTOCK_PART_SIZE_BYTES: '1024',
      PENSTOCK_FILE_SIZE_BYTES: '1024',
    })
    const { env } = stage
    place = stage.place
    server = await stage.start()
    acme = await createTenant({ env, server, place }, 'acme')
    await acme.sendEvents(dates)
    await send(Array.from({ length: 60 }, (_, index) => eventOf(day, index)))
    await acme.pipelines.create({ ...acme.request(tooOld), s3_encryption: 'aes' })
    const unsynced = { ...acme.request(tooOld), to_date: day, s3_prefix: 'unsynced', sync: 'false' }
    for (const name of [synced, await acme.pipelines.create(unsynced)]) {
      expect(Object.keys(await acme.pipelines.settled(name))).toEqual(['succeeded'])
    }
  }, 120_000)
  afterAll(async () => {
    await server?.kill('SIGTERM')
    await stage?.close()
  })

  test('while nothing comes late, nothing is asked of AWS', async () => {
    const asked = await acme.asked()
    await looked()
    expect(await acme.asked()).toEqual(asked)
  })

  test('a late event comes as one more file, and no other file changes', async () => {
    const before = await listDay()
    expect(before.length).toBeGreaterThan(4)
    const late = eventOf(day, 1000)
    const writes = await writesDuring(async () => {
      await send([late])
      await looked()
    })
    const { gone, come } = changes(before, await listDay())
    expect(gone).toEqual([])
    expect(come).toHaveLength(1)
    expect(writes).toEqual([
      'DELETE complete',
      expect.stringMatching(/^PUT part-\d{5}-\w+\.json\.gz$/),
      'PUT complete',
    ])
    const sent = await payloads()
    expect(sent.size).toBe(62)
    expect(sent.get('e-1000')).toBe(late.properties.payload)
    const encryption = (await acme.account.bucket.read(come[0]?.key ?? '')).encryption
    expect(encryption).toBe('AES256')
  })

  test('a newer line of an exported event replaces it: the file that holds it is written anew, the others stay', async () => {
    const before = await listDay()
    const newer = eventOf(day, 7)
    const writes = await writesDuring(async () => {
      await send([newer])
      await looked()
    })
    const { gone, come } = changes(before, await listDay())
    expect(gone).toHaveLength(1)
    // The file without the older line, under its number, and one more with the newer.
    const numberOf = (key = '') => /part-(\d{5})/.exec(key)?.[1]
    expect(come.map(({ key }) => numberOf(key))).toContain(numberOf(gone[0]?.key))
    expect(come).toHaveLength(2)
    expect(writes.at(0)).toBe('DELETE complete')
    expect(writes.at(-1)).toBe('PUT complete')
    const sent = await payloads()
    expect(sent.size).toBe(62)
    expect(sent.get('e-7')).toBe(newer.properties.payload)
  })

  test('neither a day that is too long ago nor a pipeline with sync=false is touched', async () => {
    const unsynced = () => acme.account.bucket.list('unsynced/')
    const old = () => acme.account.bucket.list(folderOf('test', tooOld))
    const before = [await old(), await unsynced()]
    await send([eventOf(tooOld, 1), eventOf(day, 2000)])
    await looked()
    expect([await old(), await unsynced()]).toEqual(before)
    expect((await payloads()).has('e-2000')).toBe(true)
  })

  test('killed in the middle of a sync, the next process brings the folder to its end', async () => {
    await place.control.fault({ action: 'PutObject', key: 'full_day/part-', delay_ms: 600_000, times: 1 })
    const [late, newer] = [eventOf(day, 3000), eventOf(day, 30)]
    const writes = await writesDuring(async () => {
      await send([late, newer])
      const struck = async () => (await place.control.inFlight()).filter(({ fault }) => fault).length
      await expect.poll(struck, { timeout: 30_000 }).toBe(1)
      await server.kill('SIGKILL')
      await place.control.clearFaults()
      expect((await listDay()).map(({ key }) => key)).not.toContain(`${folderOf('test', day)}complete`)
      server = await stage.start()
      acme.pipelines = pipelinesClient(server.url, acme.secret)
      await looked()
    })
    const sent = await payloads()
    expect(sent.size).toBe(64)
    expect([sent.get('e-3000'), sent.get('e-30')]).toEqual([
      late.properties.payload,
      newer.properties.payload,
    ])
    // Each attempt takes it away, without a look whether it is there.
    const markers = writes.filter((write) => write.endsWith('complete'))
    expect(markers).toEqual(['DELETE complete', 'DELETE complete', 'PUT complete'])
    expect(writes.at(-1)).toBe('PUT complete')
  })

  test('timeline tells when the day was exported, and each time that late events were added', async () => {
    const { json } = await acme.pipelines.call(`timeline?name=${synced}`)
    const entries: { date: string; sync_times: string[]; status: string }[] = json.day_syncs
    const times = (date: string) => entries.find((entry) => entry.date === date)?.sync_times.length
    expect(times(tooOld)).toBe(1)
    // One for each test above that sent late events of the day.
    expect(times(day)).toBe(5)
    expect(entries.find(({ date }) => date === day)?.status).toBe('synced')
  })
})
