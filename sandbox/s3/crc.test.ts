import { describe, expect, test } from 'vitest'
import { startChecksum } from './checksum.ts'

// The check values of the catalogue of CRC algorithms, for the nine digits; those of Node for the hashes.
const checkValues = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
} as const

describe('a checksum', () => {
  test.each(Object.entries(checkValues))(
    '%s of 123456789 is %s, in one piece or in several',
    (name, expected) => {
      for (const pieces of [['123456789'], ['1', '2345', '', '6789']]) {
        const checksum = startChecksum(name as keyof typeof checkValues)
        for (const piece of pieces) checksum.update(Buffer.from(piece))
        expect(checksum.digest().toString('hex')).toBe(expected)
      }
    },
  )
})
