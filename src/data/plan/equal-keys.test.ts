import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { findEqualKeys } from './equal-keys.ts'

function recordsOf(keys: string[]): Uint8Array<ArrayBuffer> {
  const records = new Uint8Array(keys.length * dedupRecordBytes)
  for (const [place, key] of keys.entries())
    records.set(Buffer.from(key.padEnd(16, '.')), place * dedupRecordBytes)
  return records
}

function groupsOf(flat: Uint32Array): number[][] {
  const groups: number[][] = []
  for (let at = 0; at < flat.length; ) {
    const size = flat[at] ?? 0
    groups.push([...flat.subarray(at + 1, at + 1 + size)].sort((a, b) => a - b))
    at += size + 1
  }
  return groups.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
}

test('every key that stands twice or more is a group of all its places, and no other key is', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'dddd', 'ddddd', 'ddddddddd', 'e', 'f', 'g', 'h')
  fc.assert(
    fc.property(fc.array(key, { maxLength: 30 }), (keys) => {
      const expected = [...Map.groupBy(keys.keys(), (place) => keys[place]).values()]
        .filter((places) => places.length > 1)
        .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
      expect(groupsOf(findEqualKeys({ records: recordsOf(keys) }).groups)).toEqual(expected)
    }),
  )
})
