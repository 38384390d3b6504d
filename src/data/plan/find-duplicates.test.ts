/**
 * Members of any sizes, keys of any weakness and any bound on memory: the lines that lose are those that a Map says.
 * A bound of a few keys makes every step work in many pieces: chunks, spooled blocks, partitions, passes, buckets.
 */
import { hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'
import { openSpool } from '../spool.ts'
import { dedupRecords } from '../store/dedup-records.ts'
import type { Member } from '../store/member.ts'
import { openMember } from '../store/open-member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { assumeDuplicates, openProof } from './assume-duplicates.ts'
import { compareIdentities } from './compare-identities.ts'
import { findDuplicates } from './find-duplicates.ts'
import { matchEntries } from './match-entries.ts'
import { partitionKeys } from './partition-keys.ts'
import { readCandidateKeys } from './read-candidate-keys.ts'
import { identityRows, readIdentities } from './read-identities.ts'

const tasks = { partitionKeys, matchEntries, readIdentities, readCandidateKeys, compareIdentities }
const runHere = (async (task: keyof typeof tasks, input: never) => tasks[task](input)) as RunInThread

let spoolFolder: string
beforeAll(async () => {
  spoolFolder = await mkdtemp(join(tmpdir(), 'penstock-find-duplicates-'))
})
afterAll(() => rm(spoolFolder, { recursive: true }))

type KeyOf = (event: number) => Uint8Array
const md5 = (text: string): Uint8Array => hash('md5', text, 'buffer')
/** Collisions of every kind that an entry can't tell apart, and some that it can. */
const keys: Record<string, KeyOf> = {
  good: (event) => md5(`${event}`),
  'one for all': () => md5('one'),
  'sixteen in all': (event) => md5(`${event % 16}`),
  'in one partition': (event) => Buffer.concat([md5('one').subarray(0, 4), md5(`${event}`).subarray(4)]),
  'with equal entries': (event) => Buffer.concat([md5('one').subarray(0, 12), md5(`${event}`).subarray(12)]),
}

interface FolderInput {
  /** Members of each commit; members by the numbers of their events. */
  commits: number[][][]
  keyOf: KeyOf
}

const member = (eventsMax: number) => fc.array(fc.nat(eventsMax), { minLength: 1, maxLength: 60 })
const folder = fc
  .tuple(fc.constantFrom(3, 200, 1_000_000), fc.constantFrom(...Object.keys(keys)))
  .chain(([eventsMax, keysName]) =>
    fc.record({
      commits: fc.array(fc.array(member(eventsMax), { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
      keyOf: fc.constant(keys[keysName] as KeyOf),
    }),
  )

test('the lines that lose are those with a newer line of the same event, whatever collides and however little fits in memory', async () => {
  await fc.assert(
    fc.asyncProperty(folder, fc.constantFrom(1, 16, 100, 3000), async (input, keysInMemoryMax) => {
      const { members, store } = makeStore(input)
      const { signal } = new AbortController()
      const deps = { store, run: runHere, spoolFolder, keysInMemoryMax, signal }
      const losing = await findDuplicates(deps, members)
      const expected = losingLines(input)
      expect(members.map((_, index) => linesOf(losing.of(index)))).toEqual(expected)
      expect(losing.count).toBe(expected.flat().length)
    }),
    { numRuns: 50 },
  )
})

test('lines that lose by their keys are proven where they are those that lose, and only there', async () => {
  await fc.assert(
    fc.asyncProperty(
      folder,
      fc.constantFrom(1, 100, 3000, 100_000),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 2 }),
      async (input, keysInMemoryMax, openedEvery, knownFrom) => {
        const { members, store } = makeStore(input)
        const { signal } = new AbortController()
        const deps = { store, run: runHere, spoolFolder, keysInMemoryMax, signal }
        const { losing, unproven } = await assumeDuplicates(deps, members)
        const assumed = members.map((_, index) => linesOf(losing.of(index)))
        let isProven = true
        if (unproven !== undefined) {
          const spool = await openSpool(spoolFolder)
          // Some are opened by an export meanwhile, of some it was not known, the others are not.
          const opened = members.filter((_, index) => index % openedEvery === 0)
          const proof = openProof({ ...deps, spool }, unproven, new Set(opened.slice(knownFrom)))
          for (const member of opened) {
            const opened = openMember(await store.readMember(member))
            for (const asked of proof.take(member) ?? []) await proof.answer(identityRows(opened, asked))
          }
          isProven = await proof.prove()
          await proof.end()
          await spool.close()
        }
        const isRight = JSON.stringify(assumed) === JSON.stringify(losingLines(input))
        expect(isProven).toBe(isRight)
        if (input.keyOf === keys.good) expect(isRight).toBe(true)
      },
    ),
    { numRuns: 40 },
  )
})

function losingLines({ commits }: FolderInput): number[][] {
  const members = commits.flat()
  const newest = new Map<number, string>()
  for (const [index, events] of members.entries()) {
    for (const [line, event] of events.entries()) newest.set(event, `${index}/${line}`)
  }
  return members.map((events, index) =>
    [...events.keys()].filter((line) => newest.get(events[line] as number) !== `${index}/${line}`),
  )
}

function linesOf(bits: Uint8Array | undefined): number[] {
  const lines: number[] = []
  for (let line = 0; line < (bits?.length ?? 0) * 8; line++) {
    if (((bits?.[line >> 3] ?? 0) >> (line & 7)) & 1) lines.push(line)
  }
  return lines
}

/** A segment a commit: members end to end, then their dedup records. */
function makeStore({ commits, keyOf }: FolderInput) {
  const segments = new Map<SegmentId, Buffer>()
  const members = commits.flatMap((ofCommit, commit) => {
    const segmentId = `segment-${commit}` as SegmentId
    const gzips = ofCommit.map((events) => gzipSync(events.map(lineOf).join('')))
    const records = ofCommit.map((events) => dedupRecords(events.map(keyOf)))
    segments.set(segmentId, Buffer.concat([...gzips, ...records]))
    const keysStart = gzips.reduce((sum, gzip) => sum + gzip.length, 0)
    return ofCommit.map(
      (events, ordinal): Member => ({
        ...{ projectId: 1 as ProjectId, localHour: 0 as LocalHour, crc32: 0, eventNames: null },
        ...{ minTimeMs: 0, maxTimeMs: 0, rawBytes: 0, segmentId, ordinal },
        ...{ lastHour: 0 as LocalHour, hourCounts: null, generation: 0, rank: ordinal, sources: null },
        firstCommit: (commit + 1) as CommitNumber,
        commitNumber: (commit + 1) as CommitNumber,
        eventCount: events.length,
        byteOffset: lengthOf(gzips.slice(0, ordinal)),
        byteLength: gzips[ordinal]?.length ?? 0,
        keysOffset: keysStart + lengthOf(records.slice(0, ordinal)),
      }),
    )
  })
  const read = (id: SegmentId, offset: number, length: number): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(segments.get(id)?.subarray(offset, offset + length) ?? [])
  return {
    members,
    store: {
      readMember: async ({ segmentId, byteOffset, byteLength }: Member) =>
        read(segmentId, byteOffset, byteLength),
      readLineCommits:
        async ({ commitNumber }: Member) =>
        () =>
          commitNumber,
      readDedupRecords: async ({ segmentId, keysOffset }: Member, from: number, count: number) =>
        read(segmentId, keysOffset + from * dedupRecordBytes, count * dedupRecordBytes),
      readInto: async (id: SegmentId, offset: number, target: Uint8Array) =>
        target.set(read(id, offset, target.length)),
    },
  }
}

function lengthOf(buffers: Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0)
}

function lineOf(event: number): string {
  const properties = { time: 1_700_000_000, distinct_id: 'ann', $insert_id: `i-${event}` }
  return `${JSON.stringify({ event: 'Event', properties })}\n`
}
