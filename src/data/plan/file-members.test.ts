import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SegmentId } from '../../ids.ts'
import { type FileMember, packFileMembers, unpackFileMembers } from './file-members.ts'

const member: fc.Arbitrary<FileMember> = fc
  .record(
    {
      segmentId: fc.constantFrom('0190a', '0191b', '0192c').map((id) => id as SegmentId),
      ordinal: fc.nat(100_000),
      leftOut: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bits) => Uint8Array.from(bits)),
    },
    { requiredKeys: ['segmentId', 'ordinal'] },
  )
  .map((made) => made as FileMember)

test('what was packed comes out as it went in, in any order', () => {
  fc.assert(
    fc.property(fc.array(member), (members) => {
      expect(unpackFileMembers(packFileMembers(members))).toEqual(members)
    }),
  )
})

test('2,500 members of 1,250 segments, each with a line left out, take less than 64 KiB', () => {
  const members = Array.from({ length: 2500 }, (_, index): FileMember => {
    const leftOut = new Uint8Array(250)
    leftOut[index % 250] = 1 << (index % 8)
    const segment = createHash('md5')
      .update(String(index >> 1))
      .digest('hex')
    return { segmentId: segment.slice(0, 28) as SegmentId, ordinal: index % 19, leftOut }
  })
  expect(packFileMembers(members).length).toBeLessThan(64 * 1024)
})

test('what was not packed by this program is refused, and half of what was', () => {
  const packed = packFileMembers([{ segmentId: '0190a' as SegmentId, ordinal: 0 }])
  const unreadable = expect.objectContaining({ code: 'FOLDER_RECORD_UNREADABLE' })
  for (const bytes of [new Uint8Array(), Uint8Array.of(9, 1), packed.subarray(0, -1)]) {
    expect(() => unpackFileMembers(bytes)).toThrow(unreadable)
  }
})
