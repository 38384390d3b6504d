/** Thread task: opens members, keeps the wanted lines, and compresses those into one new member. */
import { crc32 } from 'node:zlib'
import type { Selection } from '../plan/export-plan.ts'
import { createWhereFilter } from '../segmentation/where.ts'
import { eachLine, openMember } from '../store/open-member.ts'
import { compressLines } from '../store/seal-member.ts'

export interface RewriteInput extends Selection {
  members: {
    gzip: Uint8Array<ArrayBuffer>
    /** Bit `i & 7` of byte `i >> 3` is set where line `i` loses against a newer duplicate. */
    losing?: Uint8Array<ArrayBuffer>
  }[]
}

export interface RewrittenMember {
  gzip: Uint8Array<ArrayBuffer>
  crc32: number
  eventCount: number
}

/** Undefined when no line is left. */
export function rewriteMembers({ members, eventNames, where }: RewriteInput): RewrittenMember | undefined {
  const isNamed = eventNames === undefined ? () => true : nameFilter(eventNames)
  const filter = where === undefined ? undefined : createWhereFilter(where)
  const kept: Uint8Array[] = []
  for (const { gzip, losing } of members) {
    const lines = openMember(gzip)
    const isMetBy = filter?.(lines) ?? (() => true)
    let place = 0
    for (const line of eachLine(lines)) {
      const start = line.byteOffset - lines.byteOffset
      if (!loses(losing, place) && isNamed(line) && isMetBy(start, start + line.length)) kept.push(line)
      place += 1
    }
  }
  if (kept.length === 0) return undefined
  const gzip = new Uint8Array(compressLines(Buffer.concat(kept)))
  return { gzip, crc32: crc32(gzip), eventCount: kept.length }
}

function loses(losing: Uint8Array | undefined, line: number): boolean {
  return losing !== undefined && ((losing[line >> 3] ?? 0) & (1 << (line & 7))) !== 0
}

/** A line begins with its name, so it is told by its first bytes, unparsed: `{"event":"Signed Up",`. */
function nameFilter(eventNames: ReadonlySet<string>): (line: Uint8Array) => boolean {
  const beginnings = [...eventNames].map((name) => Buffer.from(`{"event":${JSON.stringify(name)},`))
  return (line) => beginnings.some((beginning) => beginning.compare(line, 0, beginning.length) === 0)
}
