import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SegmentId } from '../../ids.ts'
import { openFileBlobStore } from './file-blob-store.ts'

// What all blob stores have in common is in test/contract/blob-store.test.ts.
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'penstock-blobs-'))
})
afterEach(() => rm(root, { recursive: true }))

const id = (digit: string) => digit.padStart(28, '0') as SegmentId
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251)

test('a file is written once: a second write of the same id fails and leaves the first', async () => {
  const blobs = await openFileBlobStore(root)
  await blobs.write(id('1'), bytes(10))
  await expect(blobs.write(id('1'), bytes(20))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
  expect(await blobs.read(id('1'), 0, 10)).toEqual(bytes(10))
})

test('a file that was cut short is damage', async () => {
  const blobs = await openFileBlobStore(root)
  await blobs.write(id('1'), bytes(100))
  const [folder = ''] = await readdir(root)
  await truncate(join(root, folder, `${id('1')}.segment`), 50)
  await expect(blobs.read(id('1'), 40, 20)).rejects.toMatchObject({ code: 'STORE_SEGMENT_CORRUPT' })
})

test('files that are no segments are not listed', async () => {
  const blobs = await openFileBlobStore(root)
  await blobs.write(id('1'), bytes(1))
  const [folder = ''] = await readdir(root)
  for (const name of ['other.segment', `${id('2')}.segment.part`, 'README']) {
    await writeFile(join(root, folder, name), '')
  }
  expect(await Array.fromAsync(blobs.list())).toEqual([{ id: id('1'), byteLength: 1 }])
})
