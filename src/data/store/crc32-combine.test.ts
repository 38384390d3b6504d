import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32Combine } from './crc32-combine.ts'

test('the checksum of joined pieces is the combination of their checksums', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 5000 }), (first, second) => {
      expect(crc32Combine(crc32(first), crc32(second), second.length)).toBe(
        crc32(Buffer.concat([first, second])),
      )
    }),
  )
})

test('a piece longer than 2^32 bytes is joined without reading it', () => {
  // Appending n zero bytes and then m more is appending n + m.
  const half = 3 * 2 ** 31
  const zeros = (crc: number, length: number) => crc32Combine(crc, 0, length)
  expect(zeros(zeros(0x12345678, half), half)).toBe(zeros(0x12345678, 2 * half))
})
