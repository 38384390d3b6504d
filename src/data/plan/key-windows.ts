/** Where in a member's sorted dedup records some keys may stand. Keys are hashes, so a key tells its place nearly. */

/** Records from the first on. */
export interface RecordRange {
  from: number
  count: number
}

const prefixCount = 2 ** 32

/** So many keys of a member lie everywhere: then all of its records are read, and nobody needs to know more of them. */
export function keysForWhole(count: number): number {
  return Math.ceil(Math.sqrt(count))
}

/**
 * Ranges in order, that don't touch; all records where that is no more than twice as much. The place of a key among `count`
 * others scatters by the root of `count` at most, halved: four times that is enough but for one in some thousands.
 * @param prefixes first 32 bits of the keys, in any order
 */
export function keyWindows(prefixes: readonly number[], count: number): RecordRange[] {
  if (prefixes.length >= keysForWhole(count)) return [{ from: 0, count }]
  const margin = Math.ceil(2 * Math.sqrt(count)) + 4
  const ranges: RecordRange[] = []
  for (const prefix of prefixes.toSorted((left, right) => left - right)) {
    const place = Math.floor((prefix / prefixCount) * count)
    const from = Math.max(0, place - margin)
    const end = Math.min(count, place + margin)
    const last = ranges.at(-1)
    if (last !== undefined && from <= last.from + last.count) last.count = end - last.from
    else ranges.push({ from, count: end - from })
  }
  return countOf(ranges) * 2 >= count ? [{ from: 0, count }] : ranges
}

export function countOf(ranges: readonly RecordRange[]): number {
  return ranges.reduce((sum, { count }) => sum + count, 0)
}

/** Whether keys with these prefixes, as far as there are any, all stand in one of the ranges that were read. */
export function areInside(
  prefixes: readonly number[],
  read: readonly { range: RecordRange; firstPrefix: number; lastPrefix: number }[],
  count: number,
): boolean {
  return prefixes.every((prefix) =>
    read.some(
      ({ range, firstPrefix, lastPrefix }) =>
        // Equal prefixes may go on beyond the range's end.
        (range.from === 0 || firstPrefix < prefix) &&
        (range.from + range.count === count || prefix < lastPrefix),
    ),
  )
}
