/** The store's answers to what an export asks. */
import type { Kysely } from 'kysely'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'
import {
  type Arrivals,
  type ArrivedHours,
  readArrivals,
  readArrivedHours,
  readLastArrival,
} from './arrivals.ts'
import type { BlobStore, SegmentRange } from './blob-store.ts'
import { type HourTotals, readHourTotals } from './hour-totals.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member } from './member.ts'
import { type LineCommits, readLineCommits } from './member-commits.ts'
import {
  type CommitRange,
  findNewer,
  findNextHour,
  findPreviousDay,
  type HourWindow,
  readMembers,
  type SeenWindow,
  type TimeRange,
} from './member-index.ts'
import { type NameTotal, readNameTotals, readTellingMembers, type TellingBounds } from './name-totals.ts'
import { type KeepLinesInput, keepRecords } from './picked-lines.ts'
import { pickLines } from './picked-members.ts'
import { type RangeSize, readRangeSize } from './range-size.ts'
import { refusePastHours } from './retention.ts'
import { dedupRecordBytes } from './segment-format.ts'

export interface MemberReader {
  /**
   * Members that have lines of the window which commits up to `upTo` (and after `after`, if given) brought, segment by
   * segment as they stand there. Of a member that has other lines too, these lines only (Member.picked).
   */
  members(window: HourWindow, upTo: CommitNumber, after?: CommitNumber): Promise<Member[]>
  /** The same up to `upTo`, of the members that may have a line of one of these times. */
  membersAt(times: readonly TimeRange[], window: HourWindow, upTo: CommitNumber): Promise<Member[]>
  /** The first hour of the window that may have lines; undefined: none has. */
  nextHour(window: HourWindow): Promise<LocalHour | undefined>
  /** Which of a project's windows have lines that commits after theirs brought (findNewer); their places in the list. */
  newerThan(projectId: ProjectId, windows: readonly SeenWindow[]): Promise<number[]>
  /** Lines and newest commits of each hour of the window; undefined where that takes longer than `msMax`. */
  hourTotals(window: HourWindow, msMax: number): Promise<HourTotals | undefined>
  /** The first hour of the last day before `toHour` that may have lines; undefined: none has. */
  previousDay(projectId: ProjectId, toHour: LocalHour): Promise<LocalHour | undefined>
  /** Events a day by name, as far as the index tells. */
  nameTotals(window: HourWindow): Promise<NameTotal[]>
  /** Whole members that tell which events and properties there are (readTellingMembers). */
  tellingMembers(window: HourWindow, bounds: TellingBounds): Promise<{ single: Member[]; mixed: Member[] }>
  /** How many events of these names the window has, and their bytes. */
  rangeSize(window: HourWindow, names: readonly string[] | null): Promise<RangeSize>
  /** What commits after one and up to another brought these projects. */
  arrivals(
    projectIds: readonly ProjectId[],
    after: CommitNumber,
    upTo: CommitNumber,
  ): Promise<Map<ProjectId, Arrivals>>
  /** Of which hours they brought events. */
  arrivedHours(
    projectIds: readonly ProjectId[],
    after: CommitNumber,
    upTo: CommitNumber,
  ): Promise<ArrivedHours>
  /** Whether a project has events, and when some came last. */
  lastArrival(projectId: ProjectId): ReturnType<typeof readLastArrival>
  /** Of two equal events the newer is the one of the later commit; of the same commit, the later in (rank, line). */
  readLineCommits(member: Member): Promise<LineCommits>
  /** A gzip member of its lines: its own bytes, unless only some of its lines were picked. */
  readMember(member: Member): Promise<Uint8Array<ArrayBuffer>>
  /** `count` of a member's dedup records, which are sorted by key, from the `from`th on. */
  readDedupRecords(member: Member, from: number, count: number): Promise<Uint8Array<ArrayBuffer>>
  /** Fills `target` with a segment's bytes from `offset` on. */
  readInto(segmentId: SegmentId, offset: number, target: Uint8Array): Promise<void>
  /** The bytes of many small ranges, those of a segment best next to each other. */
  readRanges(ranges: readonly SegmentRange[]): Promise<Uint8Array<ArrayBuffer>[]>
  /** Bytes of a segment, in chunks that fit into `buffer`, each good until the next one is asked for. */
  stream(segmentId: SegmentId, offset: number, length: number, buffer: Uint8Array): AsyncIterable<Uint8Array>
}

export interface MemberReaderDeps {
  db: Kysely<IndexTables>
  blobs: BlobStore
  run: RunInThread
}

export function createMemberReader(deps: MemberReaderDeps): MemberReader {
  const { db, blobs, run } = deps
  const members = async (window: HourWindow, commits: CommitRange, times?: readonly TimeRange[]) => {
    const found = await readMembers(db, window, commits, times)
    await refusePastHours(db, window.fromHour)
    return await pickLines(deps, found, window, commits)
  }
  return {
    members: (window, upTo, after = 0 as CommitNumber) => members(window, { after, upTo }),
    membersAt: (times, window, upTo) => members(window, { after: 0 as CommitNumber, upTo }, times),
    nextHour: async (window) => {
      const hour = await findNextHour(db, window)
      await refusePastHours(db, window.fromHour)
      return hour
    },
    newerThan: (projectId, windows) => findNewer(db, projectId, windows),
    hourTotals: (window, msMax) => readHourTotals(db, window, msMax),
    previousDay: (projectId, toHour) => findPreviousDay(db, projectId, toHour),
    nameTotals: (window) => readNameTotals(db, window),
    tellingMembers: (window, bounds) => readTellingMembers(db, window, bounds),
    rangeSize: (window, names) => readRangeSize(db, window, names),
    arrivals: (projectIds, after, upTo) => readArrivals(db, projectIds, { after, upTo }),
    arrivedHours: (projectIds, after, upTo) => readArrivedHours(db, projectIds, { after, upTo }),
    lastArrival: (projectId) => readLastArrival(db, projectId),
    readLineCommits: (member) => readLineCommits(deps, member),
    readMember: async ({ segmentId, byteOffset, byteLength, picked }) => {
      const gzip = await blobs.read(segmentId, byteOffset, byteLength)
      if (picked === undefined) return gzip
      const input = { gzip, places: picked.places }
      return await run<KeepLinesInput, Uint8Array<ArrayBuffer>>('keepLines', input, [gzip.buffer])
    },
    readDedupRecords: async ({ segmentId, keysOffset, picked }, from, count) => {
      if (picked === undefined) return await readRecords(blobs, segmentId, keysOffset, from, count)
      const kept = keepRecords(await readRecords(blobs, segmentId, keysOffset, 0, picked.ofLines), picked)
      return kept.slice(from * dedupRecordBytes, (from + count) * dedupRecordBytes)
    },
    readInto: (segmentId, offset, target) => blobs.readInto(segmentId, offset, target),
    readRanges: (ranges) => blobs.readRanges(ranges, run),
    stream: (segmentId, offset, length, buffer) => blobs.stream(segmentId, offset, length, buffer),
  }
}

function readRecords(
  blobs: BlobStore,
  segmentId: SegmentId,
  keysOffset: number,
  from: number,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return blobs.read(segmentId, keysOffset + from * dedupRecordBytes, count * dedupRecordBytes)
}
