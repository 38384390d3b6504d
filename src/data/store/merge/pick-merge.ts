/**
 * Which members are merged next. Each line is merged once for each generation, so that all that is ever written stays a
 * small multiple of what is kept (docs/decisions/0031).
 *
 *   generation 0     as ingest wrote it: all of it is merged, in the order of project and hour
 *   generation n     merged where enough segments of at most this generation have members in the same hour or day
 *
 * The members that a segment has of an hour go together: of one hour and name, what is merged is always what stands last
 * (SealedMember.rank).
 */
import { type Selectable, sql, type Transaction } from 'kysely'
import type { LocalHour, ProjectId, SegmentId } from '../../../ids.ts'
import type { IndexTables } from '../index-tables.ts'
import type { Member } from '../member.ts'
import { firstOfDay, isOverDays } from '../member-index.ts'
import { toMember } from '../member-rows.ts'
import { type MemberSizes, mergedSizes } from '../member-sizes.ts'
import { type MergeableMember, MergeBatch, type MergeLimits } from './merge-batch.ts'

/** Hours of a project in which merged members may lie over one another. */
export interface MergeRange {
  projectId: ProjectId
  fromHour: LocalHour
  /** Exclusive. */
  toHour: LocalHour
}

/** Members as ingest wrote them, of the first projects and hours; none of segments after `newest`. */
export async function pickSealed(
  tx: Transaction<IndexTables>,
  newest: SegmentId,
  limits: MergeLimits,
): Promise<MergeableMember[]> {
  const rows = await mergeable(tx)
    .where('generation', '=', 0)
    .where('segment_id', '<=', newest)
    .orderBy('project_id')
    .orderBy('local_hour')
    .orderBy('segment_id')
    .orderBy('ordinal')
    .limit(limits.membersMax + 1)
    .execute()
  const groups = grouped(rows.map(toMergeable), ofSegmentAndHour)
  // The last group may go on beyond the rows that were read.
  if (rows.length > limits.membersMax && groups.length > 1) groups.pop()
  const batch = new MergeBatch(limits)
  for (const group of groups) {
    if (batch.members.length > 0 && !batch.fits(group)) break
    batch.add(group)
  }
  return batch.members
}

/**
 * Merged members are merged with their like, so that a few lines never make much else be written anew:
 *
 *   hour        of one hour, with enough lines that it need not share
 *   day         of one day, with fewer
 *   over days   of several days
 */
export const mergeClasses = ['hour', 'day', 'over days'] as const
type MergeClass = (typeof mergeClasses)[number]

export interface OverlapSearch {
  range: MergeRange
  mergeClass: MergeClass
  /** Members that have been merged no oftener. */
  generationMax: number
  /** Segments that have members in the same hour (of class `day`: in the same day), for these to be merged. */
  depthMin: number
  partSizeBytes: number
}

/** Members that lie over one another, the earliest hours first; `nextHour` is where the search goes on. */
export async function pickOverlapping(
  tx: Transaction<IndexTables>,
  search: OverlapSearch,
  limits: MergeLimits,
): Promise<{ members: MergeableMember[]; nextHour: LocalHour }> {
  const batch = new MergeBatch(limits)
  const { fromHour, toHour } = search.range
  let active: MergeableMember[] = []
  for await (const arriving of eachStart(tx, search)) {
    const hour = Math.max(startOf(arriving[0], search.mergeClass), fromHour) as LocalHour
    active = [...active.filter((member) => endOf(member, search.mergeClass) >= hour), ...arriving]
    if (new Set(active.map(({ segmentId }) => segmentId)).size < search.depthMin) continue
    const added = addGroups(
      batch,
      grouped(
        active.filter((member) => !batch.has(member)),
        ofSegmentAndHour,
      ),
    )
    if (added) continue
    if (batch.segmentCount > 1) return { members: batch.members, nextHour: hour }
    // Not two of these fit together.
    batch.clear()
  }
  return { members: batch.segmentCount > 1 ? batch.members : [], nextHour: toHour }
}

/** Where a member's lines may be once it is merged. */
function startOf(member: MergeableMember | undefined, mergeClass: MergeClass): number {
  const hour = member?.localHour ?? (0 as LocalHour)
  return mergeClass === 'day' ? firstOfDay(hour) : hour
}

function endOf({ lastHour }: MergeableMember, mergeClass: MergeClass): number {
  return mergeClass === 'day' ? firstOfDay(lastHour) + 23 : lastHour
}

function addGroups(batch: MergeBatch, groups: MergeableMember[][]): boolean {
  return groups.every((group) => {
    const fits = batch.fits(group)
    if (fits) batch.add(group)
    return fits
  })
}

const pageRows = 2000

/** What a search is about, in order: members that start together. */
async function* eachStart(
  tx: Transaction<IndexTables>,
  search: OverlapSearch,
): AsyncGenerator<MergeableMember[]> {
  let together: MergeableMember[] = []
  for (let after: MergeableMember | undefined; ; ) {
    const rows = await overlapPage(tx, search, after).execute()
    for (const member of rows.map(toMergeable)) {
      const isNext = startOf(together[0], search.mergeClass) !== startOf(member, search.mergeClass)
      if (together.length > 0 && isNext) {
        yield together
        together = []
      }
      together.push(member)
      after = member
    }
    if (rows.length < pageRows) break
  }
  if (together.length > 0) yield together
}

function overlapPage(tx: Transaction<IndexTables>, search: OverlapSearch, after?: MergeableMember) {
  const { range, mergeClass, generationMax, partSizeBytes } = search
  const fromHour = mergeClass === 'day' ? firstOfDay(range.fromHour) : range.fromHour
  const page = mergeable(tx)
    .where('project_id', '=', range.projectId)
    .where('local_hour', '<', range.toHour)
    .where('last_hour', '>=', fromHour)
    .where(isOverDays, '=', mergeClass === 'over days')
    .$if(mergeClass !== 'over days', (query) => query.where('local_hour', '>=', firstOfDay(fromHour)))
    .where('generation', '>', 0)
    .where('generation', '<=', generationMax)
    .where(isOfClass(mergeClass, mergedSizes(partSizeBytes)))
    .orderBy('local_hour')
    .orderBy('segment_id')
    .orderBy('ordinal')
    .limit(pageRows)
  if (after === undefined) return page
  const { localHour, segmentId, ordinal } = after
  return page.where(
    sql<boolean>`(local_hour, segment_id, ordinal) > (${localHour}, ${segmentId}, ${ordinal})`,
  )
}

function isOfClass(mergeClass: MergeClass, { spreadHourBytes, settledBytes }: MemberSizes) {
  const needNotShare = sql<boolean>`(hour_counts is null and raw_bytes >= ${spreadHourBytes})`
  if (mergeClass === 'over days') return sql<boolean>`true`
  if (mergeClass === 'day') return sql<boolean>`not ${needNotShare}`
  // What is settled (settled-members.ts) is left alone.
  return sql<boolean>`${needNotShare} and (raw_bytes < ${settledBytes} or cardinality(event_names) is distinct from 1)`
}

/** All members of merged segments of which little is left: what stays of them moves, so that their space comes back. */
export async function pickSparse(
  tx: Transaction<IndexTables>,
  limits: MergeLimits,
): Promise<MergeableMember[]> {
  // From the index segment_sparse.
  const sparse = await tx
    .selectFrom('segment')
    .select('id')
    .where('source_ids', 'is not', null)
    .where(sql<boolean>`live_members > 0`)
    .where('live_members', '<=', limits.membersMax)
    .where(sql<boolean>`live_bytes * ${sql.lit(sparseShare)} < member_bytes`)
    .orderBy('live_bytes')
    .limit(sparseAtOnce)
    .execute()
  if (sparse.length === 0) return []
  const rows = await mergeable(tx)
    .where(
      'segment_id',
      'in',
      sparse.map(({ id }) => id),
    )
    .orderBy('segment_id')
    .orderBy('ordinal')
    .execute()
  const [first = [], ...others] = grouped(rows.map(toMergeable), ({ segmentId }) => segmentId)
  const batch = new MergeBatch(limits)
  batch.add(first)
  addGroups(batch, others)
  return batch.members
}

/** As the index has it. A segment is sparse when less than one part in so many of its members' bytes is left. */
const sparseShare = 2
const sparseAtOnce = 64

function mergeable(tx: Transaction<IndexTables>) {
  return tx
    .selectFrom('member')
    .selectAll()
    .select(
      sql<number>`(select coalesce(cardinality(source_ids), 1) from segment where id = segment_id)`.as(
        'source_count',
      ),
    )
}

type MergeableRow = Selectable<IndexTables['member']> & { source_count: number }

function toMergeable(row: MergeableRow): MergeableMember {
  return { ...toMember(row), sourceCount: row.source_count }
}

function ofSegmentAndHour({ projectId, segmentId, localHour }: Member): string {
  return `${projectId}/${segmentId}/${localHour}`
}

/** Items of one key together, keys in the order in which they come up. */
function grouped<Item>(items: Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return [...groups.values()]
}
