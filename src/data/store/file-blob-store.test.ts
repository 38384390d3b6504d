import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'
import { openFileBlobStore } from './file-blob-store.ts'
import { type FileRanges, readFileRanges } from './read-file-ranges.ts'

const runHere = (async (_task: string, files: FileRanges[]) => readFileRanges(files)) as RunInThread

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'penstock-blobs-'))
})
afterEach(() => rm(root, { recursive: true }))

const id = (digit: string) => digit.padStart(28, '0') as SegmentId
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251)

test('a blob is read back in any range, whole or in chunks', async () => {
  const blobs = await openFileBlobStore(root)
  const content = bytes(700_000)
  await blobs.write(id('1'), content)
  expect(await blobs.read(id('1'), 3, 5)).toEqual(content.slice(3, 8))
  const chunks: Uint8Array[] = []
  const buffer = new Uint8Array(100_000)
  for await (const chunk of blobs.stream(id('1'), 10, 650_000, buffer)) chunks.push(chunk.slice())
  expect(chunks).toHaveLength(7)
  expect(Buffer.concat(chunks)).toEqual(Buffer.from(content.subarray(10, 650_010)))
})

test('a blob is written once: a second write of the same id fails and leaves the first', async () => {
  const blobs = await openFileBlobStore(root)
  await blobs.write(id('1'), bytes(10))
  await expect(blobs.write(id('1'), bytes(20))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
  expect(await blobs.read(id('1'), 0, 10)).toEqual(bytes(10))
})

test('the list has every blob with its size, in the order of their ids', async () => {
  const blobs = await openFileBlobStore(root)
  for (const [digit, size] of [
    ['2', 20],
    ['10000000000000000000000001', 5],
    ['1', 10],
  ] as const) {
    await blobs.write(id(digit), bytes(size))
  }
  expect(await Array.fromAsync(blobs.list())).toEqual([
    { id: id('1'), byteLength: 10 },
    { id: id('2'), byteLength: 20 },
    { id: id('10000000000000000000000001'), byteLength: 5 },
  ])
})

test('a range beyond the end of a blob is damage, not a short answer', async () => {
  const blobs = await openFileBlobStore(root)
  await blobs.write(id('1'), bytes(100))
  const [folder = ''] = await readdir(root)
  await truncate(join(root, folder, `${id('1')}.segment`), 50)
  await expect(blobs.read(id('1'), 40, 20)).rejects.toMatchObject({ code: 'STORE_SEGMENT_CORRUPT' })
})

test('many ranges of many blobs are read at once; one that is damaged or not there is told', async () => {
  const blobs = await openFileBlobStore(root)
  const content = bytes(5000)
  for (const digit of ['1', '2']) await blobs.write(id(digit), content)
  const ranges = [
    { segmentId: id('1'), offset: 10, length: 20 },
    { segmentId: id('1'), offset: 4000, length: 1000 },
    { segmentId: id('2'), offset: 0, length: 0 },
    { segmentId: id('2'), offset: 77, length: 3 },
  ]
  expect(await blobs.readRanges(ranges, runHere)).toEqual(
    ranges.map(({ offset, length }) => content.slice(offset, offset + length)),
  )
  const beyond = [...ranges, { segmentId: id('2'), offset: 4990, length: 11 }]
  await expect(blobs.readRanges(beyond, runHere)).rejects.toMatchObject({ code: 'STORE_SEGMENT_CORRUPT' })
  const gone = [...ranges, { segmentId: id('3'), offset: 0, length: 1 }]
  await expect(blobs.readRanges(gone, runHere)).rejects.toMatchObject({ code: 'STORE_SEGMENT_MISSING' })
})

test('a removed blob is gone, and removing it again does no harm', async () => {
  const blobs = await openFileBlobStore(root)
  await blobs.write(id('1'), bytes(1))
  await blobs.remove([id('1')])
  await blobs.remove([id('1')])
  expect(await Array.fromAsync(blobs.list())).toEqual([])
})
