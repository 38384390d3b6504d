/** Thread task: the newest of a member's events that somebody looks for. */
import { LineFields } from '../segmentation/line-fields.ts'
import { createWhereFilter } from '../segmentation/where.ts'
import { openMember } from '../store/open-member.ts'
import type { LineTest } from './keep-lines.ts'
import { nameTest, type ReadMember, stayTest } from './rewrite-members.ts'

export interface SearchInput extends ReadMember {
  /** By the events' names; undefined: all. */
  eventNames?: ReadonlySet<string>
  where?: string
  /** How many at most. */
  limit: number
}

export interface FoundLine {
  timeMs: number
  /** The event line, without its newline. */
  text: string
}

const newline = 0x0a

/** The newest first; of equal times, the line that stands further on. */
export function searchMember({ gzip, rawBytes, losing, eventNames, where, limit }: SearchInput): FoundLine[] {
  const lines = openMember(gzip, rawBytes)
  const tests: (LineTest | undefined)[] = [
    losing && stayTest(losing),
    eventNames && nameTest(eventNames)(lines),
    where === undefined ? undefined : createWhereFilter(where)(lines),
  ]
  const timeOf = timeReader()
  const found: { timeMs: number; start: number; end: number }[] = []
  let line = 0
  for (let start = 0; start < lines.length; line++) {
    const end = lines.indexOf(newline, start) + 1
    if (tests.every((test) => test?.(start, end, line) !== false)) {
      found.push({ timeMs: timeOf(lines, start, end), start, end })
    }
    start = end
  }
  return found
    .sort((left, right) => right.timeMs - left.timeMs || right.start - left.start)
    .slice(0, limit)
    .map(({ timeMs, start, end }) => ({ timeMs, text: lines.toString('utf8', start, end - 1) }))
}

function timeReader(): (lines: Buffer, start: number, end: number) => number {
  const fields = new LineFields([
    { of: 'properties', name: 'time' },
    { of: 'properties', name: 'mp_event_time_ms' },
  ])
  return (lines, start, end) => {
    fields.read(lines, start, end, true)
    return Number(fields.valueOf(1) ?? Number(fields.valueOf(0)) * 1000)
  }
}
