/** Older members of thousands of lines and a few late ones: the lines that are replaced are those that a Set says. */
import { hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'
import type { SegmentRange } from '../store/blob-store.ts'
import { dedupRecords } from '../store/dedup-records.ts'
import type { Member } from '../store/member.ts'
import type { TimeRange } from '../store/member-index.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { compareIdentities } from './compare-identities.ts'
import { findReplaced } from './find-replaced.ts'
import { matchKeys } from './match-keys.ts'
import { readIdentities } from './read-identities.ts'
import { readLineEvents } from './read-line-events.ts'

const tasks = { matchKeys, readIdentities, compareIdentities, readLineEvents }
const runHere = (async (task: keyof typeof tasks, input: never) => tasks[task](input)) as RunInThread

let spoolFolder: string
beforeAll(async () => {
  spoolFolder = await mkdtemp(join(tmpdir(), 'penstock-find-replaced-'))
})
afterAll(() => rm(spoolFolder, { recursive: true }))

type KeyOf = (event: number) => Uint8Array
const keys: Record<string, KeyOf> = {
  good: (event) => hash('md5', `${event}`, 'buffer'),
  'sixteen in all': (event) => hash('md5', `${event % 16}`, 'buffer'),
  'crowded in one place': (event) =>
    Buffer.concat([Buffer.alloc(3, 7), keys.good?.(event).subarray(3) ?? Buffer.of()]),
}
const names = ['Viewed', 'Paid', 'Left']
const timeMsOf = (event: number) => (event % 50) * 1000

/** Members by the numbers of their events. */
function makeStore(commits: number[][], keyOf: KeyOf) {
  const contents = commits.map((events) => ({
    gzip: gzipSync(events.map(lineOf).join('')),
    records: dedupRecords(events.map(keyOf)),
  }))
  const segmentsRead: SegmentId[] = []
  // Three members a segment, whose records stand end to end.
  const ofSegment = (segment: number) => contents.slice(segment * 3, segment * 3 + 3)
  const keysOffset = (index: number) =>
    ofSegment(Math.floor(index / 3))
      .slice(0, index % 3)
      .reduce((sum, { records }) => sum + records.length, 0)
  const segmentNumber = (id: SegmentId) => Number(id.split('-')[1])
  const members = commits.map((events, index): Member => {
    const commit = (index + 1) as CommitNumber
    const times = events.map(timeMsOf)
    return {
      ...{ projectId: 1 as ProjectId, localHour: 0 as LocalHour, lastHour: 0 as LocalHour, hourCounts: null },
      ...{
        segmentId: `segment-${Math.floor(index / 3)}` as SegmentId,
        ordinal: index % 3,
        rank: 0,
        generation: 0,
        sources: null,
      },
      ...{ firstCommit: commit, commitNumber: commit, eventCount: events.length },
      ...{
        crc32: 0,
        byteOffset: 0,
        byteLength: 0,
        keysOffset: keysOffset(index),
        rawBytes: events.map(lineOf).join('').length,
      },
      eventNames: [...new Set(events.map(nameOf))].sort(),
      minTimeMs: times.reduce((min, time) => Math.min(min, time), Number.POSITIVE_INFINITY),
      maxTimeMs: times.reduce((max, time) => Math.max(max, time), 0),
    }
  })
  const contentOf = ({ segmentId, ordinal }: Member) => ofSegment(segmentNumber(segmentId))[ordinal]
  return {
    members,
    segmentsRead,
    store: {
      readMember: async (member: Member) => new Uint8Array(contentOf(member)?.gzip ?? []),
      readLineCommits: async (member: Member) => () => member.commitNumber,
      readRanges: async (ranges: readonly SegmentRange[]) => {
        segmentsRead.push(...new Set(ranges.map(({ segmentId }) => segmentId)))
        return ranges.map(({ segmentId, offset, length }) => {
          const records = Buffer.concat(ofSegment(segmentNumber(segmentId)).map((content) => content.records))
          return new Uint8Array(records.subarray(offset, offset + length))
        })
      },
      readDedupRecords: async (member: Member, from: number, count: number) => {
        const bytes = contentOf(member)?.records.slice(
          from * dedupRecordBytes,
          (from + count) * dedupRecordBytes,
        )
        return new Uint8Array(bytes ?? [])
      },
    },
  }
}

function nameOf(event: number): string {
  return names[event % names.length] ?? ''
}

function lineOf(event: number): string {
  const properties = { time: timeMsOf(event) / 1000, distinct_id: 'ann', $insert_id: `e-${event}` }
  return `${JSON.stringify({ event: nameOf(event), properties })}\n`
}

async function replacedBy(older: number[][], late: number[][], keyOf: KeyOf, keysInMemoryMax: number) {
  const { members, store, segmentsRead } = makeStore([...older, ...late], keyOf)
  const { signal } = new AbortController()
  const deps = { store, run: runHere, spoolFolder, keysInMemoryMax, signal }
  const seen = members.slice(0, older.length)
  const olderAt = async (times: TimeRange[]) =>
    seen.filter(({ minTimeMs, maxTimeMs }) =>
      times.some(({ fromMs, toMs }) => fromMs <= maxTimeMs && toMs >= minTimeMs),
    )
  const replaced = await findReplaced(deps, olderAt, members.slice(older.length))
  const lines = older.map((events, index) => {
    const bits = replaced.find(({ member }) => member === members[index])?.lines
    return [...events.keys()].filter((line) => (((bits?.[line >> 3] ?? 0) >> (line & 7)) & 1) === 1)
  })
  return { lines, segmentsRead }
}

const spread = (count: number) =>
  fc
    .tuple(fc.nat(5000), fc.integer({ min: 1, max: 7 }))
    .map(([first, step]) => Array.from({ length: count }, (_, index) => first + index * step))

test('lines are replaced whose events come late, whatever collides and however little fits in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(1, 40, 1500).chain(spread), { maxLength: 4 }),
      fc.array(fc.constantFrom(1, 5, 60).chain(spread), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...Object.keys(keys)),
      fc.constantFrom(1, 100, 100_000),
      async (older, late, keysName, keysInMemoryMax) => {
        const { lines } = await replacedBy(older, late, keys[keysName] as KeyOf, keysInMemoryMax)
        const isLate = new Set(late.flat())
        const newest = new Map(older.flatMap((events, index) => events.map((event) => [event, index])))
        for (const [index, events] of older.entries()) {
          const found = new Set(lines[index])
          for (const [line, event] of events.entries()) {
            if (isLate.has(event)) expect(found.has(line)).toBe(true)
            // A line that an older duplicate has replaced long ago may be among what is compared.
            else if (newest.get(event) === index) expect(found.has(line)).toBe(false)
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('of a large folder, the segments that a late line touches are read from, and no others', async () => {
  // The first half of the members has lines of the late events' name alone.
  const older = Array.from({ length: 20 }, (_, index) =>
    Array.from({ length: 2000 }, (_, at) => (index * 2000 + at) * 3 + (index < 10 ? 0 : 1)),
  )
  const { lines, segmentsRead } = await replacedBy(older, [[3333, 99_999]], keys.good as KeyOf, 100_000)
  expect(lines.flat()).toEqual([1111])
  expect(segmentsRead).toEqual(['segment-0', 'segment-1', 'segment-2', 'segment-3'])
})
