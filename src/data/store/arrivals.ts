/** What has come in since somebody looked, by the index. */
import { type Kysely, sql } from 'kysely'
import type { ProjectId, SegmentId } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member } from './member.ts'
import type { CommitRange } from './member-index.ts'
import { toMember } from './member-rows.ts'
import { segmentMadeAtMs } from './segment-id.ts'

export interface Arrivals {
  events: number
  /** Some of what came last. */
  newest: Member[]
}

/** Of a project. */
const newestMax = 3
/** Commits of one look: of more, the newest. */
const commitsMax = 2000

/**
 * Of each of these projects, what the commits brought; members that were merged since are not seen any more. Segments come by
 * their commit numbers, members by their segments.
 */
export async function readArrivals(
  db: Kysely<IndexTables>,
  projectIds: readonly ProjectId[],
  { after, upTo }: CommitRange,
): Promise<Map<ProjectId, Arrivals>> {
  const { rows } = await sql<Parameters<typeof toMember>[0] & { arrived: number }>`
    select * from (
      select member.*, sum(member.event_count) over (partition by project_id)::bigint as arrived,
        row_number() over (partition by project_id order by member.commit_number desc, member.ordinal desc) as place
      from segment
      join member on member.segment_id = segment.id
      where segment.commit_number > ${Math.max(after, upTo - commitsMax)} and segment.commit_number <= ${upTo}
        and project_id = any(${projectIds}::integer[])
    ) arrived
    where place <= ${newestMax}`.execute(db)
  const byProject = Map.groupBy(rows, (row) => row.project_id as ProjectId)
  return new Map(
    [...byProject].map(([id, ofProject]) => [
      id,
      { events: ofProject[0]?.arrived ?? 0, newest: ofProject.map(toMember) },
    ]),
  )
}

/** Whether a project has events, and when some came last; null: they were all merged since. */
export async function readLastArrival(
  db: Kysely<IndexTables>,
  projectId: ProjectId,
): Promise<{ hasEvents: boolean; atMs: number | null }> {
  const { rows } = await sql<{ has: boolean; newest: SegmentId | null }>`
    select exists (select from member where project_id = ${projectId}) as has,
      -- Ids sort by the time of their making; by the index member_unmerged alone.
      (select max(segment_id) from member where project_id = ${projectId} and generation = 0) as newest`.execute(
    db,
  )
  const { has, newest } = rows[0] ?? { has: false, newest: null }
  return { hasEvents: has, atMs: newest === null ? null : segmentMadeAtMs(newest) }
}
