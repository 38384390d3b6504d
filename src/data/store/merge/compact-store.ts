/**
 * Compaction: merges small members into full ones, one name and hour together where there is enough, and gives the space
 * of what was merged back. Any number of processes may do so; they take turns, step by step. Ingest and readers go on
 * beside it.
 */
import { sql, type Transaction } from 'kysely'
import type { LocalHour } from '../../../ids.ts'
import type { IndexTables } from '../index-tables.ts'
import type { Member } from '../member.ts'
import { dropExpired } from '../retention.ts'
import { type CompactDeps, compactStep, type Merged, mergePicked } from './compact-step.ts'
import { readBacklog } from './merge-backlog.ts'
import { type MergeableMember, mergeLimits } from './merge-batch.ts'
import { type MergeRange, mergeClasses, pickOverlapping, pickSealed, pickSparse } from './pick-merge.ts'
import { markEmptied, type Removed, removeEmptied } from './remove-segments.ts'

export interface CompactOptions {
  /** Segments that must have members in the same hour before merged members are merged again. */
  fanIn: number
  /** Whether to look at every hour there is; else only at those that this call merged new members of. */
  everyHour: boolean
  /** Whether to wait while another process compacts; else this call ends. */
  waits: boolean
  /** Called after each merge; resolves when the next may begin. */
  pace(merged: Merged): Promise<void>
}

export interface Compacted {
  merges: number
  membersMerged: number
  membersMade: number
  bytesWritten: number
  segmentsRemoved: number
  bytesRemoved: number
}

/** However often lines were merged, they are not merged more often than this by one call. */
const generationsMax = 8

export async function compactStore(deps: CompactDeps, options: CompactOptions): Promise<Compacted> {
  const result: Compacted = {
    ...{ merges: 0, membersMerged: 0, membersMade: 0 },
    ...{ bytesWritten: 0, segmentsRemoved: 0, bytesRemoved: 0 },
  }
  const limits = mergeLimits(deps.mergeBytesMax)
  const merge = (pick: PickMembers) => mergeNext(deps, options, pick, result)

  let ranges: MergeRange[] = []
  // Ingest goes on, so what comes meanwhile waits for the next call.
  const backlog = await readBacklog(deps.db)
  while (backlog !== undefined) {
    const merged = await merge((tx) => pickSealed(tx, backlog.newest, limits))
    if (merged === undefined) break
    ranges = joinRanges(ranges, merged.members)
  }
  const all = options.everyHour ? await compactStep(deps, options.waits, everyRange) : undefined
  ranges = all?.ranges ?? ranges
  for (let generation = 1; generation <= generationsMax && ranges.length > 0; generation++) {
    let touched: MergeRange[] = []
    for (const mergeClass of mergeClasses) {
      const search = { generationMax: generation, depthMin: options.fanIn, partSizeBytes: deps.partSizeBytes }
      touched = await mergeOverlapping(merge, ranges, touched, (tx, range) =>
        pickOverlapping(tx, { range, mergeClass, ...search }, limits),
      )
    }
    // Elsewhere nothing of the next generation has come.
    if (generation >= (all?.generationMax ?? 0)) ranges = touched
  }
  while ((await merge((tx) => pickSparse(tx, limits))) !== undefined);
  const removed = await freeSpace(deps, options.waits)
  return { ...result, segmentsRemoved: removed.segments, bytesRemoved: removed.bytes }
}

type PickMembers = (tx: Transaction<IndexTables>) => Promise<MergeableMember[]>

async function mergeNext(
  deps: CompactDeps,
  options: CompactOptions,
  pick: PickMembers,
  result: Compacted,
): Promise<Merged | undefined> {
  deps.signal.throwIfAborted()
  const merged = await compactStep(deps, options.waits, async (tx) => {
    const members = await pick(tx)
    return members.length === 0 ? undefined : await mergePicked(tx, deps, members)
  })
  if (merged === undefined) return undefined
  result.merges += 1
  result.membersMerged += merged.members.length
  result.membersMade += merged.membersMade
  result.bytesWritten += merged.bytesWritten
  await options.pace(merged)
  return merged
}

/** Goes through each range once, from its first hour on. @returns `touched`, and the ranges in which members were merged */
async function mergeOverlapping(
  merge: (pick: PickMembers) => Promise<Merged | undefined>,
  ranges: MergeRange[],
  touched: MergeRange[],
  pick: (
    tx: Transaction<IndexTables>,
    range: MergeRange,
  ) => Promise<{ members: MergeableMember[]; nextHour: LocalHour }>,
): Promise<MergeRange[]> {
  let joined = touched
  for (const range of ranges) {
    for (let fromHour = range.fromHour; fromHour < range.toHour; ) {
      const merged = await merge(async (tx) => {
        const { members, nextHour } = await pick(tx, { ...range, fromHour })
        fromHour = nextHour
        return members
      })
      if (merged === undefined) break
      joined = joinRanges(joined, merged.members)
    }
  }
  return joined
}

/** One range a project: from the first hour that anything touched to the last. */
function joinRanges(ranges: MergeRange[], members: Member[]): MergeRange[] {
  const joined = new Map(ranges.map((range) => [range.projectId, range]))
  for (const { projectId, localHour, lastHour } of members) {
    const known = joined.get(projectId)
    joined.set(projectId, {
      projectId,
      fromHour: Math.min(known?.fromHour ?? localHour, localHour) as LocalHour,
      toHour: Math.max(known?.toHour ?? 0, lastHour + 1) as LocalHour,
    })
  }
  return [...joined.values()]
}

async function everyRange(
  tx: Transaction<IndexTables>,
): Promise<{ ranges: MergeRange[]; generationMax: number }> {
  const { rows } = await sql<MergeRange & { generation: number }>`
    select project_id as "projectId", min(local_hour) as "fromHour", max(last_hour) + 1 as "toHour",
      max(generation) as generation
    from member
    group by project_id
    order by project_id`.execute(tx)
  const generationMax = rows.reduce((most, { generation }) => Math.max(most, generation), 0)
  return { ranges: rows, generationMax }
}

/**
 * Gives space back: of events that are kept no longer, and of segments of which nothing is in the index any more; where
 * no reader holds them.
 */
export async function freeSpace(deps: Omit<CompactDeps, 'run'>, waits: boolean): Promise<Removed> {
  const total: Removed = { segments: 0, bytes: 0 }
  await dropAllExpired(deps, waits)
  await compactStep(deps, waits, markEmptied)
  for (;;) {
    deps.signal.throwIfAborted()
    const removed = await compactStep(deps, waits, (tx) => removeEmptied(tx, deps.blobs))
    if (removed === undefined || removed.segments === 0) return total
    total.segments += removed.segments
    total.bytes += removed.bytes
  }
}

async function dropAllExpired(deps: Omit<CompactDeps, 'run'>, waits: boolean): Promise<void> {
  const { retentionDays } = deps
  if (retentionDays === undefined) return
  for (let dropped: number | undefined = 1; dropped !== undefined && dropped > 0; ) {
    deps.signal.throwIfAborted()
    const age = { nowMs: deps.clock.nowMs(), retentionDays }
    dropped = await compactStep(deps, waits, (tx) => dropExpired(tx, age))
  }
}
