/**
 * A disk that takes long: the real files of an event store, with writes that are held up before they are answered. Whoever
 * waits is told 503 and when to come back, no more waits than may, and it goes on by itself when the disk does.
 *
 * 1. Events are stored; then every write hangs, after its bytes are on the disk.
 * 2. Clients go on sending. Each is answered 503 with Retry-After, and no more than two writes are begun.
 * 3. The writes end. The clients send again what was not acknowledged, until it is.
 * 4. Everything that was acknowledged, before and after, is in the store.
 */
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import type { LocalHour } from '../../src/ids.ts'
import { acme, basic, importEvent, startIngestServer } from '../support/ingest-server.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'
import { createUngroupedStore } from '../support/ungrouped-store.ts'

let place: StorePlace
let disk: ReturnType<typeof holdWrites>
let store: EventStore
let server: Awaited<ReturnType<typeof startIngestServer>>
beforeAll(async () => {
  place = await openStorePlace('slow-disk')
  disk = holdWrites(await openFileBlobStore(place.folder))
  store = createUngroupedStore({
    ...{ db: place.db.withTables<IndexTables>(), blobs: disk.blobs, run: place.threads.run },
    ...{ partSizeBytes: 1024 ** 2, commitMsMax: 2000 },
  })
  server = await startIngestServer({ run: place.threads.run, append: (batch) => store.append(batch) })
})
afterAll(async () => {
  disk?.release()
  await server?.close()
  await store?.drain()
  await place?.close()
})

/** The same store, whose writes are answered only after `release` once `hold` was called. */
function holdWrites(blobs: BlobStore) {
  let held = Promise.resolve()
  let resolve = () => {}
  let begun = 0
  return {
    blobs: {
      ...blobs,
      write: async (...args: Parameters<BlobStore['write']>) => {
        begun += 1
        await blobs.write(...args)
        await held
      },
    },
    hold: () => {
      begun = 0
      ;({ promise: held, resolve } = Promise.withResolvers<void>())
    },
    release: () => resolve(),
    begun: () => begun,
  }
}

const acknowledged: string[] = []

/** Sends one event; what was answered 200 is remembered. */
async function send(id: string): Promise<{ status: number; retryAfter: string | null }> {
  const response = await fetch(`${server.url}/import?strict=1`, {
    method: 'POST',
    headers: { ...basic(acme.secret), 'content-type': 'application/json' },
    body: JSON.stringify([importEvent({ $insert_id: id })]),
  })
  await response.text()
  if (response.status === 200) acknowledged.push(id)
  return { status: response.status, retryAfter: response.headers.get('retry-after') }
}

/** A machine that is busy may be slow by itself. */
const sendUntilStored = (id: string) =>
  expect.poll(async () => (await send(id)).status, { timeout: 60_000 }).toBe(200)

const ids = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`)

async function storedIds(): Promise<Set<string>> {
  const window = { projectId: acme.id, fromHour: 0 as LocalHour, toHour: 10_000_000 as LocalHour }
  const found = new Set<string>()
  for (const member of await store.members(window, await store.snapshot())) {
    const lines = gunzipSync(await store.readMember(member))
      .toString()
      .trimEnd()
      .split('\n')
    for (const line of lines) found.add(JSON.parse(line).properties.$insert_id)
  }
  return found
}

test('503 while it is slow, nothing lost, and on again by itself', { timeout: 120_000 }, async () => {
  for (const id of ids('before', 5)) await sendUntilStored(id)

  disk.hold()
  const meanwhile = ids('meanwhile', 20)
  const answers = await Promise.all(meanwhile.map(send))
  // Those that come once it is known wait for nothing.
  for (const id of ids('later', 5)) answers.push(await send(id))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
  expect(answers.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true)
  expect(disk.begun()).toBeLessThanOrEqual(2)

  disk.release()
  for (const id of [...meanwhile, ...ids('later', 5)]) await sendUntilStored(id)
  expect(acknowledged).toHaveLength(30)
  expect(await storedIds()).toEqual(new Set(acknowledged))
})
