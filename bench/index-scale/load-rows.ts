/**
 * Rows of the index as they stand after compaction, for 100,000 projects that send ten thousand million events a year:
 * 27 million a day, of 500 bytes.
 *
 *   100 projects      137,000 events a day each: of each hour, a member a name, ten names
 *   9,900 projects      1,100 events a day each: of each hour, one member
 *   90,000 projects        30 events a day each: of each day, one member
 *
 * That makes 351,600 members a day, and 128 million a year. Days are loaded one after the other, as they come.
 */
import type pg from 'pg'

const projectCount = 100_000
const membersOfSegment = 2000
/** Commit numbers that a day takes. */
const commitsOfDay = 1_000_000

/** First local hour of the first day that is loaded: 2026-10-01. */
export const firstHour = Date.UTC(2026, 9, 1) / 3_600_000

export async function loadProjects(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into project (name, token, api_secret_hash, time_zone)
     select 'project ' || n, md5(n::text), sha256(n::text::bytea), 'UTC' from generate_series(1, $1) as n`,
    [projectCount],
  )
  await pool.query(
    `insert into pipeline (project_id, name, trial, frequency, from_date, sync, s3_bucket, s3_region, s3_role, s3_encryption,
       next_local_hour, next_due_at, next_sync_at, next_trust_test_at, created_at)
     select n, 'events-daily-s3-raw', false, 'daily', '2026-10-01', true, 'bucket-' || n, 'us-west-2',
       'arn:aws:iam::222222222222:role/export-' || n, 'none', 1000000, now() + interval '12 hours',
       now() + interval '30 minutes', now() + interval '12 hours', now()
     from generate_series(1, $1) as n`,
    [projectCount],
  )
}

/** The members of one day, merged once, in the order of project and hour. */
export async function loadDay(pool: pg.Pool, day: number): Promise<void> {
  const hour = firstHour + day * 24
  const newest = (day + 1) * commitsOfDay
  await pool.query(
    `create temp table day_member as
     select row_number() over (order by project_id, local_hour, name) - 1 as place, * from (
       select n as project_id, $1 + h as local_hour, $1 + h as last_hour, name, 285000 as raw_bytes, 570 as events
       from generate_series(1, 100) as n, generate_series(0, 23) as h, generate_series(1, 10) as name
       union all
       select n, $1 + h, $1 + h, 0, 23000, 46 from generate_series(101, 10000) as n, generate_series(0, 23) as h
       union all
       select n, $1 + 6, $1 + 21, 0, 15000, 30 from generate_series(10001, ${projectCount}) as n
     ) as rows`,
    [hour],
  )
  await pool.query(
    `insert into segment (id, byte_length, created_at, source_ids, source_commits, live_members, live_bytes, member_bytes)
     select lpad(to_hex($1::bigint * 3600000 + number), 12, '0') || substr(md5(number::text), 1, 16), 6000000,
       to_timestamp($1::bigint * 3600), array_fill('019300000000aaaaaaaaaaaaaaaa'::text, array[50]),
       array_fill($2::bigint - 1000, array[50]), ${membersOfSegment}, 5800000, 5800000
     from generate_series(0, (select max(place) from day_member) / ${membersOfSegment}) as number`,
    [hour, newest],
  )
  await pool.query(
    `insert into member (project_id, local_hour, last_hour, hour_counts, first_commit, commit_number, ordinal, segment_id,
       byte_offset, byte_length, raw_bytes, event_count, crc32, keys_offset, sources_offset, sources_length, event_names,
       min_time_ms, max_time_ms, generation, rank)
     select project_id, local_hour, last_hour,
       case when last_hour > local_hour then array[local_hour, 10, local_hour + 9, 10, last_hour, 10] end,
       $2::bigint - ${commitsOfDay}, $2::bigint - 1, place % ${membersOfSegment},
       lpad(to_hex($1::bigint * 3600000 + place / ${membersOfSegment}), 12, '0')
         || substr(md5((place / ${membersOfSegment})::text), 1, 16),
       place * 3000, raw_bytes / 9, raw_bytes, events, 4294967295, place * 3000 + 2500, place * 3000 + 2900, 40,
       case when name > 0 then array['event ' || name] else array['login', 'signup', 'view', 'search', 'buy'] end,
       local_hour::bigint * 3600000, last_hour::bigint * 3600000 + 3599999, 1, place % ${membersOfSegment}
     from day_member`,
    [hour, newest],
  )
  await pool.query('drop table day_member')
  await pool.query('update store_commit set number = $1', [newest])
  await pool.query(
    `insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at, started_at,
       finished_at, snapshot_commit)
     select id, $1, 24, 'export', false, 'succeeded', now(), now(), now(), now(), now(), $2 from pipeline`,
    [hour, newest],
  )
  await pool.query(
    `insert into folder (pipeline_id, local_hour, hours, seen_commit, selection, duplicates, exported_at)
     select id, $1, 24, $2, sha256('all'), 0, now() from pipeline`,
    [hour, newest],
  )
}

/** What ingest wrote since: so many members that no merge has taken yet, of any projects, in segments of five hundred. */
export async function loadUnmerged(pool: pg.Pool, day: number, members: number): Promise<void> {
  const hour = firstHour + day * 24
  await pool.query(
    `insert into segment (id, commit_number, byte_length, created_at, live_members, live_bytes, member_bytes)
     select lpad(to_hex($1::bigint * 3600000 + 1000000 + n), 12, '0') || substr(md5(n::text), 1, 16), $2::bigint + n,
       200000, now(), 500, 190000, 190000
     from generate_series(1, $3::integer / 500) as n`,
    [hour, day * commitsOfDay, members],
  )
  await pool.query(
    `insert into member (project_id, local_hour, last_hour, first_commit, commit_number, ordinal, segment_id, byte_offset,
       byte_length, raw_bytes, event_count, crc32, keys_offset, event_names, min_time_ms, max_time_ms, generation, rank)
     select 1 + floor(random() * ${projectCount})::integer, $1::integer + h, $1::integer + h, $2::bigint + n, $2::bigint + n, o,
       lpad(to_hex($1::bigint * 3600000 + 1000000 + n), 12, '0') || substr(md5(n::text), 1, 16), o * 400, 380, 2500, 5,
       4294967295, o * 400 + 300, array['login', 'view'], ($1::bigint + h) * 3600000, ($1::bigint + h) * 3600000 + 60000, 0, o
     from generate_series(1, $3::integer / 500) as n, generate_series(0, 499) as o, lateral (select n % 24 as h) as hours`,
    [hour, day * commitsOfDay, members],
  )
  await pool.query('update store_commit set number = number + $1', [members / 500])
}

/** Every project's newest folder is due at once, and has its job. */
export async function loadWaiting(pool: pg.Pool, day: number): Promise<void> {
  await pool.query(
    `insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at)
     select id, $1, 24, 'export', false, 'pending', now(), now(), now() from pipeline`,
    [firstHour + day * 24],
  )
  await pool.query(
    `insert into pgboss.job (name, data, singleton_key, priority, group_id, policy, retry_limit, expire_seconds)
     select 'export-run', jsonb_build_object('runId', run.id), run.id::text, 1000000000, project_id::text, 'short', 0, 86400
     from run join pipeline on pipeline.id = pipeline_id where run.state = 'pending'`,
  )
}
