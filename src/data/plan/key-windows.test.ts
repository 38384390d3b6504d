import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areInside, countOf, keyWindows } from './key-windows.ts'

const prefix = fc.integer({ min: 0, max: 2 ** 32 - 1 })

test('what is not surely inside the ranges is told, whatever the keys are', () => {
  fc.assert(
    fc.property(
      // Keys of few different prefixes too.
      fc.array(fc.oneof(prefix, fc.integer({ min: 2 ** 31, max: 2 ** 31 + 3 })), {
        minLength: 1,
        maxLength: 2000,
      }),
      fc.array(fc.oneof(prefix, fc.integer({ min: 2 ** 31, max: 2 ** 31 + 3 })), {
        minLength: 1,
        maxLength: 5,
      }),
      (keys, wanted) => {
        const sorted = Uint32Array.from(keys).sort()
        const ranges = keyWindows(wanted, sorted.length)
        const read = ranges.map((range) => ({
          range,
          firstPrefix: sorted[range.from] as number,
          lastPrefix: sorted[range.from + range.count - 1] as number,
        }))
        const inRanges = (place: number) =>
          ranges.some(({ from, count }) => place >= from && place < from + count)
        const outside = sorted.some((key, place) => wanted.includes(key) && !inRanges(place))
        if (outside) expect(areInside(wanted, read, sorted.length)).toBe(false)
        for (const [index, { from, count }] of ranges.entries()) {
          expect(count).toBeGreaterThan(0)
          expect(from).toBeGreaterThan((ranges[index - 1]?.from ?? -1) + (ranges[index - 1]?.count ?? 0))
          expect(from + count).toBeLessThanOrEqual(sorted.length)
        }
      },
    ),
  )
})

test('of a member of thousands of lines, a few hundred records are read for one key', () => {
  const count = 3277
  const keys = Uint32Array.from({ length: count }, (_, index) => (index * 2_654_435_761) % 2 ** 32).sort()
  for (let place = 0; place < count; place += 100) {
    const ranges = keyWindows([keys[place] as number], count)
    expect(countOf(ranges)).toBeLessThan(250)
    expect(ranges.some(({ from, count: length }) => from <= place && place < from + length)).toBe(true)
  }
  expect(keyWindows([...keys.subarray(0, 20)], 30)).toEqual([{ from: 0, count: 30 }])
  expect(keyWindows(Array(60).fill(7), count)).toEqual([{ from: 0, count }])
})
