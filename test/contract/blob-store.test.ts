/**
 * What the store asks of the place of its segments, whichever it is: files, the sandbox's S3, and a Ceph gateway where the
 * environment names one (as for s3-contract.test.ts).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import { type FileRanges, readFileRanges } from '../../src/data/store/read-file-ranges.ts'
import { openS3BlobStore } from '../../src/data/store/s3/s3-blob-store.ts'
import { createSegmentIds } from '../../src/data/store/segment-id.ts'
import type { SegmentId } from '../../src/ids.ts'
import type { RunInThread } from '../../src/threads/pool.ts'
import { silentLog } from '../support/silent-log.ts'
import { startStoreSandbox } from '../support/store-sandbox.ts'
import { findCephLaboratory } from './laboratory.ts'

interface Place {
  blobs: BlobStore
  close(): Promise<void>
}

runOn('files', async () => {
  const root = await mkdtemp(join(tmpdir(), 'penstock-blobs-'))
  return { blobs: await openFileBlobStore(root), close: () => rm(root, { recursive: true }) }
})

runOn("the sandbox's S3", async () => {
  const sandbox = await startStoreSandbox()
  return { blobs: await openS3BlobStore(sandbox.options()), close: () => sandbox.close() }
})

const ceph = findCephLaboratory(process.env)
if (ceph === null) {
  const reason = 'RGW_LAB_ACME_BUCKET is not set: no Ceph gateway to keep segments in'
  process.stdout.write(`blob stores: skipped for ceph: ${reason}\n`)
  // A real server can't be made up; .ci/run starts one and runs this with it. The name tells the reason wherever it is left out.
  test.skip(`ceph: ${reason}`, () => {})
} else {
  const [accessKeyId = '', secretAccessKey = ''] = (process.env.RGW_LAB_ACME_OWNER ?? '').split(':')
  runOn('a Ceph gateway', async () => {
    const blobs = await openS3BlobStore({
      bucket: ceph.bucket,
      prefix: `blob-store-${process.pid}-${Date.now()}`,
      endpoint: ceph.url,
      region: ceph.region,
      credentials: { accessKeyId, secretAccessKey },
      pathStyle: true,
      writeMsMax: 30_000,
      readMsMax: 30_000,
      log: silentLog,
    })
    const close = async (): Promise<void> => {
      const left = await Array.fromAsync(blobs.list())
      await blobs.remove(left.map(({ id }) => id))
    }
    return { blobs, close }
  })
}

function runOn(name: string, open: () => Promise<Place>): void {
  describe(name, () => {
    let place: Place
    let blobs: BlobStore
    const nextId = createSegmentIds({ nowMs: Date.now })

    beforeAll(async () => {
      place = await open()
      blobs = place.blobs
    })
    afterAll(async () => {
      await place?.close()
      blobs?.close()
    })

    const written = async (content: Uint8Array): Promise<SegmentId> => {
      const id = nextId()
      await blobs.write(id, content)
      return id
    }

    test('a blob is read back in any range, whole or in chunks', async () => {
      const content = bytes(3_000_000)
      const id = await written(content)
      expect(await blobs.read(id, 3, 5)).toEqual(content.slice(3, 8))
      expect(await blobs.read(id, 2_999_999, 1)).toEqual(content.slice(-1))
      expect(Buffer.compare(await blobs.read(id, 0, content.length), content)).toBe(0)
      const target = new Uint8Array(100).fill(7)
      await blobs.readInto(id, 1_000_000, target.subarray(10, 60))
      expect(target.subarray(10, 60)).toEqual(content.slice(1_000_000, 1_000_050))
      expect(target.subarray(60)).toEqual(new Uint8Array(40).fill(7))
    })

    test('a stream gives chunks that fit into the buffer, and ends where its reader does', async () => {
      const content = bytes(700_000)
      const id = await written(content)
      const buffer = new Uint8Array(30_000)
      const chunks: Uint8Array[] = []
      for await (const chunk of blobs.stream(id, 10, 650_000, buffer)) chunks.push(chunk.slice())
      expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(buffer.length)
      expect(Buffer.compare(Buffer.concat(chunks), content.subarray(10, 650_010))).toBe(0)
      for await (const chunk of blobs.stream(id, 0, 700_000, buffer)) {
        expect(chunk[0]).toBe(content[0])
        break
      }
    })

    test('nothing is read where nothing is asked for', async () => {
      const id = await written(bytes(10))
      expect(await blobs.read(id, 10, 0)).toEqual(new Uint8Array())
      expect(await Array.fromAsync(blobs.stream(id, 0, 0, new Uint8Array(5)))).toEqual([])
      expect(await blobs.readRanges([], runHere)).toEqual([])
    })

    test('a range beyond the end of a blob is damage, not a short answer', async () => {
      const id = await written(bytes(50))
      const corrupt = { code: 'STORE_SEGMENT_CORRUPT' }
      await expect(blobs.read(id, 40, 20)).rejects.toMatchObject(corrupt)
      await expect(blobs.read(id, 50, 1)).rejects.toMatchObject(corrupt)
      await expect(Array.fromAsync(blobs.stream(id, 0, 51, new Uint8Array(9)))).rejects.toMatchObject(corrupt)
    })

    test('a blob that is not there is missing, to every way of reading', async () => {
      const id = nextId()
      const missing = { code: 'STORE_SEGMENT_MISSING', retryable: true }
      await expect(blobs.read(id, 0, 1)).rejects.toMatchObject(missing)
      await expect(blobs.readInto(id, 0, new Uint8Array(1))).rejects.toMatchObject(missing)
      await expect(Array.fromAsync(blobs.stream(id, 0, 1, new Uint8Array(1)))).rejects.toMatchObject(missing)
    })

    test('many ranges of many blobs are read at once; one that is damaged or not there is told', async () => {
      const content = bytes(900_000)
      const [first, second] = [await written(content), await written(content)]
      const ranges = [
        { segmentId: first, offset: 10, length: 20 },
        { segmentId: first, offset: 4000, length: 150_000 },
        { segmentId: first, offset: 154_000, length: 1 },
        // Too far away to be read on the way, and then back again.
        { segmentId: first, offset: 880_000, length: 20_000 },
        { segmentId: first, offset: 5, length: 30 },
        { segmentId: second, offset: 0, length: 0 },
        { segmentId: second, offset: 77, length: 3 },
      ]
      expect(await blobs.readRanges(ranges, runHere)).toEqual(
        ranges.map(({ offset, length }) => content.slice(offset, offset + length)),
      )
      const beyond = [...ranges, { segmentId: second, offset: 899_990, length: 11 }]
      await expect(blobs.readRanges(beyond, runHere)).rejects.toMatchObject({ code: 'STORE_SEGMENT_CORRUPT' })
      const gone = [...ranges, { segmentId: nextId(), offset: 0, length: 1 }]
      await expect(blobs.readRanges(gone, runHere)).rejects.toMatchObject({ code: 'STORE_SEGMENT_MISSING' })
    })

    test('many are written and read at the same time', async () => {
      const contents = Array.from({ length: 40 }, (_, index) => bytes(1000 + index))
      const ids = await Promise.all(contents.map(written))
      const read = await Promise.all(ids.map((id, index) => blobs.read(id, 0, 1000 + index)))
      expect(read).toEqual(contents)
    })

    test('the list has every blob with its size, in the order of their ids; removed ones are gone', async () => {
      const before = await Array.fromAsync(blobs.list())
      await blobs.remove(before.map(({ id }) => id))
      expect(await Array.fromAsync(blobs.list())).toEqual([])
      const early = `${'0'.repeat(11)}1${'a'.repeat(16)}` as SegmentId
      const [late, later] = [await written(bytes(20)), await written(bytes(5))]
      await blobs.write(early, bytes(10))
      expect(await Array.fromAsync(blobs.list())).toEqual([
        { id: early, byteLength: 10 },
        { id: late, byteLength: 20 },
        { id: later, byteLength: 5 },
      ])
      await blobs.remove([late, nextId()])
      await blobs.remove([late])
      expect((await Array.fromAsync(blobs.list())).map(({ id }) => id)).toEqual([early, later])
      await expect(blobs.read(late, 0, 1)).rejects.toMatchObject({ code: 'STORE_SEGMENT_MISSING' })
    })

    test('a probe leaves nothing that is listed, and a place that works has no trouble', async () => {
      const before = await Array.fromAsync(blobs.list())
      await blobs.probe()
      expect(await Array.fromAsync(blobs.list())).toEqual(before)
      expect(await blobs.trouble()).toBeUndefined()
    })
  })
}

const runHere = (async (_task: string, files: FileRanges[]) => readFileRanges(files)) as RunInThread

function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 251)
}
