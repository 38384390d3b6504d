/** Folders, and the members of their events, put straight into the tables: any number of them at once. */
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../src/control/db/tables.ts'
import type { PipelineId, ProjectId } from '../../src/ids.ts'

/** As the index has a commit's members: of each of `count` periods from hour `first` on, one with `events` lines. */
export async function insertMembers(
  db: Kysely<Database>,
  projectId: ProjectId,
  commit: number,
  { first, count, step = 1, events }: { first: number; count: number; step?: number; events: number },
): Promise<void> {
  const segment = `${projectId}-${commit}`
  await sql`
    with added as (
      insert into segment (id, commit_number, byte_length, created_at, live_members, live_bytes, member_bytes)
      values (${segment}, ${commit}, 1, now(), 1, 1, 1)
    )
    insert into member (project_id, local_hour, last_hour, first_commit, commit_number, ordinal, rank, generation, segment_id,
      byte_offset, byte_length, raw_bytes, event_count, crc32, keys_offset, event_names, min_time_ms, max_time_ms)
    select ${projectId}, hour, hour, ${commit}, ${commit}, place, place, 0, ${segment}, 8, 100, 1000, ${events}, 0, 0, '{a}', 0, 0
    from generate_series(${first}::integer, ${first + (count - 1) * step}::integer, ${step}::integer)
      with ordinality as hours (hour, place)`.execute(db)
}

/** `count` delivered folders from hour `first` on, each of one file. */
export async function insertDelivered(
  db: Kysely<Database>,
  pipelineId: PipelineId,
  folders: {
    first: number
    count: number
    hours: 1 | 24
    events: number
    duplicates?: number
    seen: number
    exportedAt: string
  },
): Promise<void> {
  const { first, count, hours, events, duplicates = 0, seen, exportedAt } = folders
  const each = sql`generate_series(${first}::integer, ${first + (count - 1) * hours}::integer, ${hours}::integer) as hour`
  await sql`
    insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at, finished_at, files, events,
      bytes)
    select ${pipelineId}, hour, ${hours}, 'export', true, 'succeeded', now(), now(), now(), ${exportedAt}::timestamptz, 1, ${events},
      ${events * 10}
    from ${each}`.execute(db)
  await sql`
    insert into folder (pipeline_id, local_hour, hours, seen_commit, selection, duplicates, exported_at)
    select ${pipelineId}, hour, ${hours}, ${seen}, sha256('all'), ${duplicates}, ${exportedAt}::timestamptz from ${each}`.execute(
    db,
  )
  await sql`
    insert into folder_file (pipeline_id, local_hour, ordinal, name, byte_length, crc32, events, min_time_ms, max_time_ms, members,
      after_commit, up_to_commit)
    select ${pipelineId}, hour, 0, 'part.json.gz', ${events * 10}, 0, ${events}, 0, 0, '', 0, ${seen} from ${each}`.execute(
    db,
  )
}
