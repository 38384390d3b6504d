import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { FileBytes } from './file-bytes.ts'

let closed = false

/** `abcd…` in one buffer that is filled over and over. */
async function* letters(count: number, fail?: Error): AsyncGenerator<Uint8Array> {
  closed = false
  const buffer = Buffer.alloc(1)
  try {
    for (let place = 0; place < count; place++) {
      await sleep(0)
      buffer[0] = 0x61 + place
      yield buffer
    }
    if (fail !== undefined) throw fail
  } finally {
    closed = true
  }
}

/** Looks at what it was given as late as it may. */
class LateWriter extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    setTimeout(() => {
      this.text += chunk.toString()
      callback()
    }, 2)
  }
}

test('piped, each chunk is written before the next one takes its place', async () => {
  const writer = new LateWriter({ highWaterMark: 1000 })
  new FileBytes(letters(8)).pipe(writer)
  await once(writer, 'finish')
  expect(writer.text).toBe('abcdefgh')
  expect(closed).toBe(true)
})

test('read as a stream, it gives chunks that stay', async () => {
  expect(Buffer.concat(await new FileBytes(letters(8)).toArray()).toString()).toBe('abcdefgh')
})

test('a source that fails is told, and what it was piped into does not look whole', async () => {
  const bytes = new FileBytes(letters(3, new Error('damaged')))
  const writer = bytes.pipe(new LateWriter())
  const [error] = await once(bytes, 'error')
  expect(error).toMatchObject({ message: 'damaged' })
  expect(writer.writableEnded).toBe(false)
})

test.each([
  ['the stream', (bytes: FileBytes) => bytes.destroy()],
  ['what it is piped into', (_bytes: FileBytes, writer: Writable) => writer.destroy()],
])('%s destroyed, the source is closed and nothing looks whole', async (_what, destroy) => {
  const bytes = new FileBytes(letters(20))
  const writer = bytes.pipe(new LateWriter())
  await sleep(10)
  destroy(bytes, writer)
  await expect.poll(() => closed).toBe(true)
  await sleep(10)
  expect(writer.writableEnded).toBe(false)
})

test.each([
  ['piped', async (bytes: FileBytes, writer: LateWriter) => await once(bytes.pipe(writer), 'finish')],
  ['read', async (bytes: FileBytes) => await bytes.toArray()],
])('%s, no chunk leaves after the right to it is gone', async (_how, pass) => {
  const writer = new LateWriter()
  let chunks = 0
  const bytes = new FileBytes(letters(8), () => {
    chunks += 1
    if (chunks > 3) throw new Error('lost')
  })
  const broken = once(bytes, 'error')
  void pass(bytes, writer).catch(() => undefined)
  expect((await broken)[0]).toMatchObject({ message: 'lost' })
  expect(writer.text.length).toBeLessThanOrEqual(3)
  expect(writer.writableEnded).toBe(false)
  await expect.poll(() => closed).toBe(true)
})
