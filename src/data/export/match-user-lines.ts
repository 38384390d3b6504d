/** Thread tasks: whose profiles the lines of members ask for, and which lines an expression is true of, given these. */
import type { LineBits } from '../plan/line-bits.ts'
import { LineFields } from '../segmentation/line-fields.ts'
import { profileId } from '../segmentation/user-fields.ts'
import { createWhereFilter } from '../segmentation/where.ts'
import { eachLine, openMember } from '../store/open-member.ts'
import type { ProfileValues } from './profile-values.ts'
import { nameTest, type ReadMember, stayTest } from './rewrite-members.ts'

export interface UserIdsInput {
  members: ReadMember[]
  /** By the events' names; undefined: all. */
  eventNames?: ReadonlySet<string>
}

/** Each id once. Lines that are left out anyway are not asked for theirs. */
export function readUserIds({ members, eventNames }: UserIdsInput): string[] {
  const ids = new Set<string>()
  const isNamed = eventNames === undefined ? undefined : nameTest(eventNames)
  const readId = idReader()
  for (const { gzip, rawBytes, losing } of members) {
    const lines = openMember(gzip, rawBytes)
    const tests = [losing && stayTest(losing), isNamed?.(lines)]
    for (const [line, { start, end }] of places(lines).entries()) {
      if (tests.some((test) => test?.(start, end, line) === false)) continue
      const id = readId(lines, start, end)
      if (id !== undefined) ids.add(id)
    }
  }
  return [...ids]
}

export interface MatchInput {
  members: ReadMember[]
  where: string
  /** Of some of the ids. Lines of others are not matched; those without an id always are. */
  profiles: ProfileValues
}

/** Of each member the lines that the expression is true of. */
export function matchUserLines({ members, where, profiles }: MatchInput): LineBits[] {
  const filter = createWhereFilter(where, (id) => profiles.get(id))
  const readId = idReader()
  return members.map(({ gzip, rawBytes }) => {
    const lines = openMember(gzip, rawBytes)
    const isTrueOf = filter(lines)
    const all = places(lines)
    const bits = new Uint8Array(Math.ceil(all.length / 8))
    for (const [line, { start, end }] of all.entries()) {
      const id = readId(lines, start, end)
      if (id !== undefined && !profiles.has(id)) continue
      if (isTrueOf(start, end)) bits[line >> 3] = (bits[line >> 3] ?? 0) | (1 << (line & 7))
    }
    return bits
  })
}

function idReader(): (lines: Buffer, start: number, end: number) => string | undefined {
  const fields = new LineFields([{ of: 'properties', name: 'distinct_id' }])
  return (lines, start, end) => {
    fields.read(lines, start, end, true)
    return profileId(fields.valueOf(0))
  }
}

function places(lines: Buffer): { start: number; end: number }[] {
  let at = 0
  return [...eachLine(lines)].map(({ length }) => {
    const start = at
    at += length
    return { start, end: at }
  })
}
