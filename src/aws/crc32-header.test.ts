import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { crc32Header } from './crc32-header.ts'

// The check value of CRC-32 is cbf43926 for "123456789"; its bytes, most significant first, in base64.
test.each([
  ['123456789', 'y/Q5Jg=='],
  ['', 'AAAAAA=='],
])('of %j is %s', (text, header) => {
  expect(crc32Header(crc32(text))).toBe(header)
})
