/**
 * Which members are merged next. Each line is merged once for each generation, so that all that is ever written stays a
 * small multiple of what is kept (docs/decisions/0031).
 *
 *   generation 0     as ingest wrote it: all of it is merged, in the order of project and hour
 *   generation n     merged where enough segments of at most this generation have members in the same hour
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

export interface OverlapSearch {
  range: MergeRange
  /** Members that have been merged no oftener. */
  generationMax: number
  /** Segments that have members in an hour, for these to be merged. */
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
  let active: MergeableMember[] = []
  for await (const arriving of eachFirstHour(tx, search)) {
    const hour = Math.max(arriving[0]?.localHour ?? 0, search.range.fromHour) as LocalHour
    active = [...active.filter(({ lastHour }) => lastHour >= hour), ...arriving]
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
  return { members: batch.segmentCount > 1 ? batch.members : [], nextHour: search.range.toHour }
}

function addGroups(batch: MergeBatch, groups: MergeableMember[][]): boolean {
  return groups.every((group) => {
    const fits = batch.fits(group)
    if (fits) batch.add(group)
    return fits
  })
}

const pageRows = 2000

/** What a search is about, in order: members that begin in the same hour together. */
async function* eachFirstHour(
  tx: Transaction<IndexTables>,
  search: OverlapSearch,
): AsyncGenerator<MergeableMember[]> {
  let together: MergeableMember[] = []
  for (let after: MergeableMember | undefined; ; ) {
    const rows = await overlapPage(tx, search, after).execute()
    for (const member of rows.map(toMergeable)) {
      if (together.length > 0 && together[0]?.localHour !== member.localHour) {
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
  const { range, generationMax, partSizeBytes } = search
  const page = mergeable(tx)
    .where('project_id', '=', range.projectId)
    .where('local_hour', '<', range.toHour)
    .where('last_hour', '>=', range.fromHour)
    .where((row) => row.or([row('local_hour', '>=', firstOfDay(range.fromHour)), isOverDays]))
    .where('generation', '>', 0)
    .where('generation', '<=', generationMax)
    .where(isUnsettled(mergedSizes(partSizeBytes)))
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

/** All members of merged segments of which little is left: what stays of them moves, so that their space comes back. */
export async function pickSparse(
  tx: Transaction<IndexTables>,
  limits: MergeLimits,
): Promise<MergeableMember[]> {
  const sparse = await tx
    .selectFrom('segment')
    .select('id')
    .where('source_ids', 'is not', null)
    .where('live_members', '>', 0)
    .where('live_members', '<=', limits.membersMax)
    .where(sql<boolean>`live_bytes * ${sparseShare} < member_bytes`)
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

/** A segment is sparse when less than one part in so many of its members' bytes is left. */
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

/** Not isSettled (settled-members.ts), in SQL. */
function isUnsettled({ settledBytes }: MemberSizes) {
  return sql<boolean>`(raw_bytes < ${settledBytes} or hour_counts is not null or cardinality(event_names) is distinct from 1)`
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
