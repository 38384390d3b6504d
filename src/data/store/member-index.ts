/** The index: which members each project's hours have, and in which order commits made them visible. */
import { type Kysely, sql } from 'kysely'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member, SealedMember } from './member.ts'
import { sealedRow, toMember } from './member-rows.ts'
import { countCommit } from './project-usage.ts'
import { segmentRow } from './segment-row.ts'

export interface NewSegment {
  id: SegmentId
  byteLength: number
  members: SealedMember[]
}

/**
 * Makes a segment's members visible, all at once, under the next commit number. One statement, so one way to the server and
 * back. The row lock on `store_commit` is held until it is committed, so commits become visible in the order of their
 * numbers: a reader that sees N sees everything below N.
 */
export async function recordCommit(
  db: Kysely<IndexTables>,
  { id, byteLength, members }: NewSegment,
): Promise<CommitNumber> {
  const segment = segmentRow({ id, byteLength, members })
  const sealed = members.map((member, ordinal) => sealedRow(id, member, ordinal))
  const { rows } = await sql<{ number: CommitNumber }>`
    with numbered as (
      update store_commit set number = number + 1 returning number
    ), segment_added as (
      insert into segment
      select added.* from numbered, jsonb_populate_record(
        null::segment, ${JSON.stringify(segment)}::jsonb || jsonb_build_object('commit_number', number)
      ) as added
    ), members_added as (
      insert into member
      select added.* from numbered, jsonb_array_elements(${JSON.stringify(sealed)}::jsonb) as sealed (member),
        jsonb_populate_record(
          null::member, member || jsonb_build_object('first_commit', number, 'commit_number', number)
        ) as added
    ), counted as (${countCommit(members)})
    select number from numbered`.execute(db)
  return (rows[0] as { number: CommitNumber }).number
}

/** Everything that is durable now: commits up to this number. 0 when there is none. */
export async function latestCommit(db: Kysely<IndexTables>): Promise<CommitNumber> {
  const { number } = await db.selectFrom('store_commit').select('number').executeTakeFirstOrThrow()
  return number as CommitNumber
}

export interface HourWindow {
  projectId: ProjectId
  fromHour: LocalHour
  /** Exclusive. */
  toHour: LocalHour
}

/** Commits after the first and up to the second. */
export interface CommitRange {
  after: CommitNumber
  upTo: CommitNumber
}

/** Milliseconds since the epoch, both inclusive. */
export interface TimeRange {
  fromMs: number
  toMs: number
}

/**
 * Members that have a line of the window and of the commits, whole, in the order in which they stand in segments. One
 * statement, so that a compaction is seen done or not begun. Served by the indexes member_hour (whose first hour is of
 * the window's first day or later) and member_over_days.
 * @param times leaves out members all of whose lines lie between them
 */
export async function readMembers(
  db: Kysely<IndexTables>,
  window: HourWindow,
  commits: CommitRange,
  times?: readonly TimeRange[],
): Promise<Member[]> {
  const ofWindow = db
    .selectFrom('member')
    .selectAll()
    .where('project_id', '=', window.projectId)
    .where('local_hour', '<', window.toHour)
    .where('last_hour', '>=', window.fromHour)
    .where('commit_number', '>', commits.after)
    .where('first_commit', '<=', commits.upTo)
    .$if(times !== undefined, (query) => query.where(isInTimes(times ?? [])))
  const rows = await ofWindow
    .where('local_hour', '>=', firstOfDay(window.fromHour))
    .where(isOverDays, '=', false)
    .unionAll(ofWindow.where(isOverDays, '=', true))
    .orderBy('segment_id')
    .orderBy('ordinal')
    .execute()
  return rows.map(toMember)
}

/** A multirange is searched by halves, so each row costs little, however many times there are. */
function isInTimes(times: readonly TimeRange[]) {
  const ranges = times.map(({ fromMs, toMs }) => `[${fromMs},${toMs}]`).join(',')
  return sql<boolean>`int8range(min_time_ms, max_time_ms, '[]') && ${`{${ranges}}`}::int8multirange`
}

/** Hours of a project of which somebody has everything up to a commit. */
export interface SeenWindow extends Omit<HourWindow, 'projectId'> {
  seen: CommitNumber
}

/**
 * Places of the windows of which a later commit brought lines; of a merged member that holds several commits, its newest
 * counts. A look at the index member_hour for each hour, however many members it has, and at member_over_days.
 */
export async function findNewer(
  db: Kysely<IndexTables>,
  projectId: ProjectId,
  windows: readonly SeenWindow[],
): Promise<number[]> {
  if (windows.length === 0) return []
  const column = <Name extends keyof SeenWindow>(name: Name) => windows.map((window) => window[name])
  const hasHour = sql`(hour_counts is null or exists (
    select from unnest(hour_counts) with ordinality as part (hour, position)
    where position % 2 = 1 and part.hour >= seen.from_hour and part.hour < seen.to_hour
  ))`
  const { rows } = await sql<{ place: number }>`
    select (place - 1)::integer as place
    from unnest(${column('fromHour')}::integer[], ${column('toHour')}::integer[], ${column('seen')}::bigint[])
      with ordinality as seen (from_hour, to_hour, commit_number, place)
    where exists (
      select from generate_series(seen.from_hour - seen.from_hour % 24, seen.to_hour - 1) as first_hour
      cross join lateral (
        select from member
        where project_id = ${projectId} and local_hour = first_hour
          and member.commit_number > seen.commit_number
          and last_hour >= seen.from_hour and not ${isOverDays} and ${hasHour}
        limit 1
      ) as newer
    ) or exists (
      select from member
      where project_id = ${projectId} and local_hour < seen.to_hour
        and member.commit_number > seen.commit_number
        and last_hour >= seen.from_hour and ${isOverDays} and ${hasHour}
    )
    order by place`.execute(db)
  return rows.map(({ place }) => place)
}

/**
 * The first hour of the window that may have lines, or undefined where none has: a look at the end of member_hour and at
 * member_over_days, however long the window is. Of a member over days each hour counts, whether it has lines of it or not.
 */
export async function findNextHour(
  db: Kysely<IndexTables>,
  { projectId, fromHour, toHour }: HourWindow,
): Promise<LocalHour | undefined> {
  const { rows } = await sql<{ hour: LocalHour | null }>`
    select least(
      (
        select min(greatest(local_hour, ${fromHour}::integer)) from member
        where project_id = ${projectId} and local_hour < ${toHour} and last_hour >= ${fromHour} and ${isOverDays}
      ),
      (
        select greatest(local_hour, ${fromHour}::integer) from member
        where project_id = ${projectId} and local_hour >= ${firstOfDay(fromHour)} and local_hour < ${toHour}
          and last_hour >= ${fromHour}
        order by local_hour
        limit 1
      )
    ) as hour`.execute(db)
  return rows[0]?.hour ?? undefined
}

/** The first hour of the last day before `toHour` that may have lines: looks at the ends of member_hour and member_over_days. */
export async function findPreviousDay(
  db: Kysely<IndexTables>,
  projectId: ProjectId,
  toHour: LocalHour,
): Promise<LocalHour | undefined> {
  const { rows } = await sql<{ hour: LocalHour | null }>`
    select greatest(
      (
        select max(least(last_hour, ${toHour}::integer - 1)) from member
        where project_id = ${projectId} and local_hour < ${toHour} and ${isOverDays}
      ),
      (
        select local_hour from member
        where project_id = ${projectId} and local_hour < ${toHour}
        order by local_hour desc
        limit 1
      )
    ) as hour`.execute(db)
  const hour = rows[0]?.hour
  return hour === undefined || hour === null ? undefined : firstOfDay(hour)
}

export const isOverDays = sql<boolean>`(last_hour / 24 > local_hour / 24)`

export function firstOfDay(hour: LocalHour): LocalHour {
  return (hour - (hour % 24)) as LocalHour
}
