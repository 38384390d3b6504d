import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { exportFiles } from './export-files.ts'
import type { Piece } from './piece.ts'

function pieceOf(text: string, served = text): Piece {
  return {
    lengthBytes: text.length,
    crc32: crc32(text),
    eventCount: 1,
    steps: [],
    bounds: { minTimeMs: 0, maxTimeMs: 0 },
    open: async function* () {
      for (let at = 0; at < served.length; at += 3) yield Buffer.from(served.slice(at, at + 3))
    },
  }
}

async function* each(pieces: Piece[]) {
  yield* pieces
}

const filesOf = (pieces: Piece[], fileSizeBytes: number) =>
  Array.fromAsync(exportFiles(each(pieces), fileSizeBytes))
const contentOf = async (pieces: Piece[]) => {
  const [file] = await filesOf(pieces, 1000)
  return Buffer.concat((await file?.open().toArray()) ?? []).toString()
}

test('a file is the pieces end to end, with the length and checksum of the whole', async () => {
  const [file, ...others] = await filesOf([pieceOf('first'), pieceOf('second')], 1000)
  expect(others).toEqual([])
  expect(file).toMatchObject({ lengthBytes: 11, crc32: crc32('firstsecond'), eventCount: 2 })
  expect(await contentOf([pieceOf('first'), pieceOf('second')])).toBe('firstsecond')
})

test('a file opens anew for every try', async () => {
  const [file] = await filesOf([pieceOf('again')], 1000)
  for (let tries = 0; tries < 2; tries++) {
    expect(Buffer.concat((await file?.open().toArray()) ?? []).toString()).toBe('again')
  }
})

test('files are cut before the piece that would make them too large; a larger piece stands alone', async () => {
  const files = await filesOf(
    ['aaaa', 'bbbb', 'c'.repeat(20), 'd'].map((text) => pieceOf(text)),
    8,
  )
  expect(files.map(({ lengthBytes }) => lengthBytes)).toEqual([8, 20, 1])
  expect(files.map(({ name }) => name.slice(0, 10))).toEqual(['part-00000', 'part-00001', 'part-00002'])
})

test('nothing gives no file', async () => {
  expect(await filesOf([], 8)).toEqual([])
})

test.each([
  ['a changed byte', 'damaged?'],
  ['a missing end', 'damage'],
  ['more than was written', 'damaged!and more'],
])('%s is found before the last byte is given', async (_, served) => {
  await expect(contentOf([pieceOf('damaged!', served)])).rejects.toMatchObject({
    code: 'STORE_MEMBER_CORRUPT',
  })
})

test('a few pieces are opened before their turn, and those that nobody comes to read are returned', async () => {
  const opened: string[] = []
  const returned: string[] = []
  const watched = (text: string): Piece => ({
    ...pieceOf(text),
    open: (buffer) => {
      opened.push(text)
      const chunks = pieceOf(text).open(buffer)[Symbol.asyncIterator]()
      const iterator: AsyncIterator<Uint8Array> = {
        next: () => chunks.next(),
        return: async () => {
          returned.push(text)
          return { done: true, value: undefined }
        },
      }
      return { [Symbol.asyncIterator]: () => iterator }
    },
  })
  const texts = Array.from({ length: 9 }, (_, index) => `piece ${index}`)
  const [file] = await filesOf(texts.map(watched), 1000)
  const bytes = file?.open()
  for await (const chunk of bytes ?? []) {
    expect(String(chunk)).toBe('pie')
    break
  }
  expect(opened).toEqual(texts.slice(0, 5))
  await expect.poll(() => [...new Set(returned)].sort()).toEqual(opened)
  opened.length = 0
  expect(Buffer.concat((await file?.open().toArray()) ?? []).toString()).toBe(texts.join(''))
  expect(opened).toEqual(texts)
})
