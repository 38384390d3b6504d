/**
 * Segments that hold dedup records and nothing else: a folder of any number of events as planning sees it. Keys are
 * hash-like; five events come twice, far apart. What a member's events would be is told by their numbers.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Member } from '../../src/data/store/member.ts'
import { dedupRecordBytes } from '../../src/data/store/segment-format.ts'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../src/ids.ts'

/** As a member of two megabytes has them. */
const linesPerMember = 4000
const membersPerSegment = 100
const linesPerSegment = linesPerMember * membersPerSegment
export const repeats = 5

export interface KeySegments {
  folder: string
  /** A multiple of what a segment holds. */
  lines: number
}

export function keyFiles({ folder, lines }: KeySegments): string[] {
  return Array.from({ length: lines / linesPerSegment }, (_, segment) => fileOf(folder, segment))
}

/** Thread task: writes one segment. */
export function makeKeySegment({ folder, lines, segment }: KeySegments & { segment: number }): void {
  const records = new DataView(new ArrayBuffer(linesPerSegment * dedupRecordBytes))
  for (let member = 0; member < membersPerSegment; member++) {
    const firstLine = segment * linesPerSegment + member * linesPerMember
    // Sorted as numbers: the key's first word, then the line.
    const order = Float64Array.from(
      { length: linesPerMember },
      (_, line) => keyWord(eventAt(lines, firstLine + line), 0) * linesPerMember + line,
    ).sort()
    for (const [place, numbers] of order.entries()) {
      const at = (member * linesPerMember + place) * dedupRecordBytes
      const line = numbers % linesPerMember
      const event = eventAt(lines, firstLine + line)
      for (let word = 0; word < 4; word++) records.setUint32(at + word * 4, keyWord(event, word))
      records.setUint32(at + 16, line, true)
    }
  }
  writeFileSync(fileOf(folder, segment), records)
}

export function keyMembers({ lines }: KeySegments): Member[] {
  return Array.from({ length: lines / linesPerMember }, (_, index) => {
    const segment = Math.floor(index / membersPerSegment)
    const ordinal = index % membersPerSegment
    const commit = (segment + 1) as CommitNumber
    return {
      ...{ projectId: 1 as ProjectId, localHour: 0 as LocalHour, lastHour: 0 as LocalHour, hourCounts: null },
      ...{ segmentId: String(segment) as SegmentId, ordinal, rank: ordinal, generation: 0, sources: null },
      ...{
        commitNumber: commit,
        firstCommit: commit,
        eventNames: null,
        minTimeMs: 0,
        maxTimeMs: 0,
        crc32: 0,
      },
      ...{ byteOffset: 0, byteLength: 0, rawBytes: 0 },
      eventCount: linesPerMember,
      keysOffset: ordinal * linesPerMember * dedupRecordBytes,
    }
  })
}

/** What the member would be, were its events kept. */
export function keyMemberGzip({ lines }: KeySegments, member: Member): Uint8Array<ArrayBuffer> {
  const firstLine = Number(member.segmentId) * linesPerSegment + member.ordinal * linesPerMember
  const text = Array.from({ length: linesPerMember }, (_, line) => {
    const properties = { time: 1, distinct_id: '', $insert_id: String(eventAt(lines, firstLine + line)) }
    return `${JSON.stringify({ event: 'Event', properties })}\n`
  })
  return new Uint8Array(gzipSync(text.join(''), { level: 1 }))
}

export function segmentFile(folder: string, segmentId: SegmentId): string {
  return fileOf(folder, Number(segmentId))
}

function fileOf(folder: string, segment: number): string {
  return join(folder, `${segment}.keys`)
}

/** The event that stands on a line of the folder: the last of each fifth is the fifth's first once more. */
function eventAt(lines: number, line: number): number {
  const share = lines / repeats
  return (line + 1) % share === 0 ? line + 1 - share : line
}

function keyWord(event: number, word: number): number {
  const salt = Math.imul(word + 1, 0x9e3779b1)
  // Either alone is a permutation, in which no two events could share a word, as they do in a hash.
  return (mixed(event ^ salt) ^ mixed(Math.imul(event, 0x27d4eb2f) + salt)) >>> 0
}

/** The end of MurmurHash3, which spreads every bit over all. */
function mixed(bits: number): number {
  let mix = bits
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return mix ^ (mix >>> 16)
}
