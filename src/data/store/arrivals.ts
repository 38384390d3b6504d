/** What has come in since somebody looked, by the index. */
import { type Kysely, sql } from 'kysely'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
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

/** Hours that events have come for, each with the newest commit that brought some: one place a list for each hour. */
export interface ArrivedHours {
  projects: ProjectId[]
  hours: LocalHour[]
  commits: CommitNumber[]
}

/** Of these projects, the hours that the commits brought events of; found as readArrivals finds members. */
export async function readArrivedHours(
  db: Kysely<IndexTables>,
  projectIds: readonly ProjectId[],
  { after, upTo }: CommitRange,
): Promise<ArrivedHours> {
  const { rows } = await sql<ArrivedHours>`
    with arrived as (
      select project_id, local_hour, hour_counts, member.commit_number
      from segment
      join member on member.segment_id = segment.id
      where segment.commit_number > ${Math.max(after, upTo - commitsMax)} and segment.commit_number <= ${upTo}
        and project_id = any(${projectIds}::integer[])
    ), part as (
      select project_id, local_hour as hour, commit_number from arrived where hour_counts is null
      union all
      select project_id, hour_counts[place], commit_number
      from arrived, generate_series(1, cardinality(hour_counts), 2) as place
    ), newest as (
      select project_id, hour, max(commit_number) as commit_number from part group by 1, 2
    )
    select coalesce(array_agg(project_id), '{}') as projects, coalesce(array_agg(hour), '{}') as hours,
      coalesce(array_agg(commit_number::double precision), '{}') as commits
    from newest`.execute(db)
  return rows[0] as ArrivedHours
}
