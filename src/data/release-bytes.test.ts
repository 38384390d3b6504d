import { expect, test } from 'vitest'
import { releaseBytes } from './release-bytes.ts'

test('large buffers are empty when they were released, and may be released again', () => {
  const large = new Uint8Array(1_000_000)
  const view = new Uint32Array(large.buffer, 0, 10)
  releaseBytes(view)
  releaseBytes(view, large)
  expect([large.length, view.length]).toEqual([0, 0])
})

test("small ones stay: they may lie in Node's pool, beside those of others", () => {
  const mine = Buffer.from('mine')
  const other = Buffer.from('other')
  releaseBytes(mine)
  expect(other.toString()).toBe('other')
})
