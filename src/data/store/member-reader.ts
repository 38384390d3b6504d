/** The store's answers to what an export asks. */
import type { Kysely } from 'kysely'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'
import type { BlobStore } from './blob-store.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member } from './member.ts'
import { type LineCommits, readLineCommits } from './member-commits.ts'
import { findNewer, findNextHour, type HourWindow, readMembers, type SeenWindow } from './member-index.ts'
import { type KeepLinesInput, keepRecords } from './picked-lines.ts'
import { pickLines } from './picked-members.ts'
import { refusePastHours } from './retention.ts'
import { dedupRecordBytes } from './segment-format.ts'

export interface MemberReader {
  /**
   * Members that have lines of the window which commits up to `upTo` (and after `after`, if given) brought, segment by
   * segment as they stand there. Of a member that has other lines too, these lines only (Member.picked).
   */
  members(window: HourWindow, upTo: CommitNumber, after?: CommitNumber): Promise<Member[]>
  /** The first hour of the window that may have lines; undefined: none has. */
  nextHour(window: HourWindow): Promise<LocalHour | undefined>
  /** Which of a project's windows have lines that commits after theirs brought (findNewer); their places in the list. */
  newerThan(projectId: ProjectId, windows: readonly SeenWindow[]): Promise<number[]>
  /** Of two equal events the newer is the one of the later commit; of the same commit, the later in (rank, line). */
  readLineCommits(member: Member): Promise<LineCommits>
  /** A gzip member of its lines: its own bytes, unless only some of its lines were picked. */
  readMember(member: Member): Promise<Uint8Array<ArrayBuffer>>
  /** `count` of a member's dedup records, which are sorted by key, from the `from`th on. */
  readDedupRecords(member: Member, from: number, count: number): Promise<Uint8Array<ArrayBuffer>>
  /** Fills `target` with a segment's bytes from `offset` on. */
  readInto(segmentId: SegmentId, offset: number, target: Uint8Array): Promise<void>
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
  return {
    members: async (window, upTo, after = 0 as CommitNumber) => {
      const commits = { after, upTo }
      const members = await readMembers(db, window, commits)
      await refusePastHours(db, window.fromHour)
      return await pickLines(deps, members, window, commits)
    },
    nextHour: async (window) => {
      const hour = await findNextHour(db, window)
      await refusePastHours(db, window.fromHour)
      return hour
    },
    newerThan: (projectId, windows) => findNewer(db, projectId, windows),
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
