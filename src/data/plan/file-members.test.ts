import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CommitNumber, LocalHour } from '../../ids.ts'
import { type FileMember, packFileMembers, unpackFileMembers } from './file-members.ts'

const firstHour = 473_352 as LocalHour

const member: fc.Arbitrary<FileMember> = fc
  .record(
    {
      localHour: fc.integer({ min: -4000, max: 23 }).map((hour) => (firstHour + hour) as LocalHour),
      commitNumber: fc.nat(2 ** 40).map((commit) => commit as CommitNumber),
      ordinal: fc.nat(100_000),
      leftOut: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bits) => Uint8Array.from(bits)),
    },
    { requiredKeys: ['localHour', 'commitNumber', 'ordinal'] },
  )
  .map((made) => made as FileMember)

test('what was packed comes out as it went in, in any order', () => {
  fc.assert(
    fc.property(fc.array(member), (members) => {
      expect(unpackFileMembers(firstHour, packFileMembers(firstHour, members))).toEqual(members)
    }),
  )
})

test('a day of 2,500 members, each with a line left out, takes less than 16 KiB', () => {
  const members = Array.from({ length: 2500 }, (_, index): FileMember => {
    const leftOut = new Uint8Array(250)
    leftOut[index % 250] = 1 << (index % 8)
    return {
      localHour: (firstHour + Math.floor(index / 105)) as LocalHour,
      commitNumber: (1_000_000 + index * 37) as CommitNumber,
      ordinal: index % 19,
      leftOut,
    }
  })
  expect(packFileMembers(firstHour, members).length).toBeLessThan(16 * 1024)
})

test('what was not packed by this program is refused, and half of what was', () => {
  const packed = packFileMembers(firstHour, [
    { localHour: firstHour, commitNumber: 1 as CommitNumber, ordinal: 0 },
  ])
  const unreadable = expect.objectContaining({ code: 'FOLDER_RECORD_UNREADABLE' })
  for (const bytes of [new Uint8Array(), Uint8Array.of(9, 1), packed.subarray(0, -1)]) {
    expect(() => unpackFileMembers(firstHour, bytes)).toThrow(unreadable)
  }
})
