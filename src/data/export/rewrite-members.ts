/** Thread task: opens members, keeps the wanted lines, and compresses those into one new member. */
import { crc32 } from 'node:zlib'
import type { BucketRows } from '../plan/buckets.ts'
import type { LineForm } from '../plan/export-plan.ts'
import { type AskedLines, identityRows } from '../plan/read-identities.ts'
import { releaseBytes } from '../release-bytes.ts'
import { createWhereFilter } from '../segmentation/where.ts'
import { openMember } from '../store/open-member.ts'
import { compressLines } from '../store/seal-member.ts'
import { keepLines, type LineTest } from './keep-lines.ts'
import { linesInMs } from './lines-in-ms.ts'

export interface RewriteInput extends LineForm {
  members: ReadMember[]
}

export interface ReadMember {
  gzip: Uint8Array<ArrayBuffer>
  /** Uncompressed. */
  rawBytes: number
  /** Bit `i & 7` of byte `i >> 3` is set where line `i` is left out: it loses against a newer duplicate. */
  losing?: Uint8Array<ArrayBuffer>
}

export interface RewrittenMember {
  gzip: Uint8Array<ArrayBuffer>
  crc32: number
  eventCount: number
}

/** The same, and what is asked of the members beside it. */
export interface AskedRewriteInput extends RewriteInput {
  /** Of each member, which identities. */
  asked: AskedLines[][]
}

export interface AskedRewrite {
  rewritten: RewrittenMember | undefined
  identities: BucketRows[]
}

/** Thread task: opens each member once for both. */
export function rewriteAndAnswer({ asked, ...input }: AskedRewriteInput): AskedRewrite {
  const identities: BucketRows[] = []
  const rewritten = rewrite(input, (lines, member) => {
    for (const part of asked[member] ?? []) identities.push(identityRows(lines, part))
  })
  return { rewritten, identities }
}

/** Undefined when no line is left. What it is given is used up. */
export function rewriteMembers(input: RewriteInput): RewrittenMember | undefined {
  return rewrite(input, () => undefined)
}

/** @param look is shown the lines of each member before any is left out */
function rewrite(
  { members, eventNames, where, timeInMs }: RewriteInput,
  look: (lines: Buffer, member: number) => void,
): RewrittenMember | undefined {
  const isNamed = eventNames === undefined ? undefined : nameTest(eventNames)
  const filter = where === undefined ? undefined : createWhereFilter(where)
  const kept: Uint8Array[] = []
  let eventCount = 0
  for (const [index, { gzip, rawBytes, losing }] of members.entries()) {
    const lines = openMember(gzip, rawBytes)
    look(lines, index)
    // Cheap ones first. A filter must be asked from the first line to the last, but may be spared any of them.
    const tests = [losing && stayTest(losing), isNamed?.(lines), filter?.(lines)]
    const found = keepLines(
      lines,
      tests.filter((test) => test !== undefined),
    )
    kept.push(timeInMs === undefined ? found.lines : linesInMs(found.lines))
    eventCount += found.count
    releaseBytes(gzip)
  }
  const gzip = eventCount === 0 ? undefined : compressParts(kept)
  releaseBytes(...kept)
  return gzip && { gzip, crc32: crc32(gzip), eventCount }
}

function compressParts(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [first = new Uint8Array()] = parts
  if (parts.length === 1) return compressLines(first)
  const joined = Buffer.concat(parts)
  const gzip = compressLines(joined)
  releaseBytes(joined)
  return gzip
}

export function stayTest(losing: Uint8Array): LineTest {
  return (_start, _end, line) => ((losing[line >> 3] ?? 0) & (1 << (line & 7))) === 0
}

/** A line begins with its name, so it is told by its first bytes, unparsed: `{"event":"Signed Up",`. */
export function nameTest(eventNames: ReadonlySet<string>): (lines: Buffer) => LineTest {
  const beginnings = [...eventNames].map((name) => Buffer.from(`{"event":${JSON.stringify(name)},`))
  return (lines) => (start) =>
    beginnings.some((beginning) => beginning.compare(lines, start, start + beginning.length) === 0)
}
