/** Rows as a database may hold them once the migration of this number is applied, for the migrations after it. */
export const migrationSamples: Record<number, string> = {
  1: `
    insert into project (name, token, api_secret_hash, time_zone)
    values ('acme', repeat('a1', 16), sha256('secret'), 'America/St_Johns')`,
  2: `
    update store_commit set number = 7;
    insert into segment (id, commit_number, byte_length, created_at) values ('0190-a', 7, 4096, now());
    insert into member (project_id, local_hour, commit_number, ordinal, segment_id, byte_offset, byte_length,
      raw_bytes, event_count, crc32, keys_offset, event_names, min_time_ms, max_time_ms)
    values (1, 435000, 7, 0, '0190-a', 0, 2048, 9000, 14, 4294967295, 2048, '{signup}', 1566000000000, 1566000001000)`,
  3: `
    insert into pipeline (project_id, name, frequency, from_date, s3_bucket, s3_region, s3_role, s3_encryption,
      next_local_hour, next_due_at, created_at)
    values (1, 'events-daily-s3-raw', 'daily', '2019-08-10', 'acme-raw', 'us-west-2',
      'arn:aws:iam::222222222222:role/export', 'aes', 435024, now(), now());
    insert into run (pipeline_id, local_hour, hours, backfill, state, due_at, not_before, created_at)
    values (1, 435000, 24, true, 'pending', now(), now(), now());
    insert into run (pipeline_id, local_hour, hours, backfill, state, due_at, not_before, created_at, finished_at,
      snapshot_commit)
    values (1, 434976, 24, true, 'succeeded', now(), now(), now(), now(), 7)`,
  4: `
    insert into folder (pipeline_id, local_hour, hours, seen_commit, selection, duplicates, exported_at)
    values (1, 434952, 24, 7, sha256('all'), 3, now());
    insert into folder_file (pipeline_id, local_hour, ordinal, name, byte_length, crc32, events, min_time_ms,
      max_time_ms, members)
    values (1, 434952, 0, 'part-00000-ffffffff.json.gz', 2048, 4294967295, 14, 1566000000000, 1566000001000, '\\x01')`,
  5: `
    update pipeline set where_expression = 'properties["plan"] == "company"'`,
  6: `
    insert into segment (id, byte_length, created_at, source_ids, source_commits, live_members, live_bytes)
    values ('0190-b', 8192, now(), '{0190-8,0190-9}', '{5,6}', 1, 4096);
    insert into member (project_id, local_hour, last_hour, hour_counts, first_commit, commit_number, ordinal, rank,
      generation, segment_id, byte_offset, byte_length, raw_bytes, event_count, crc32, keys_offset, sources_offset,
      sources_length, event_names, min_time_ms, max_time_ms)
    values (1, 435000, 435030, '{435000,3,435030,4}', 5, 6, 0, 3, 1, '0190-b', 8, 4096, 9000, 7, 4294967295, 4104, 4244,
      5, '{login,signup}', 1566000000000, 1566108000000)`,
  7: `
    insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at)
    values (1, 434976, 24, 'sync', false, 'pending', now(), now(), now())`,
  8: `
    insert into pipeline (project_id, name, trial, frequency, from_date, to_date, s3_bucket, s3_region, s3_role,
      s3_encryption, sync, created_at)
    values (1, 'trial-events-daily-s3-raw', true, 'daily', '2019-08-10', '2019-09-09', 'acme-trial', 'us-west-2',
      'arn:aws:iam::222222222222:role/export', 'aes', false, now())`,
  9: `
    insert into store_hold (held_until) values (now());
    insert into merge_output (segment_id) values ('0190-c')`,
  10: `
    insert into service_account (name, username, secret_hash)
    values ('export', 'export.0a1b2c.mp-service-account', sha256('secret'));
    insert into service_account_role (service_account_id, project_id, role) values (1, 1, 'admin')`,
  11: 'insert into store_retention (past_hour) values (400000)',
  12: `
    update pipeline set state = 'paused', pause_reason = 'S3_PUT_DENIED', next_connection_test_at = now(),
      connection_tests = 3, trust_warning = 'STS_ROLE_OPEN' where not trial`,
  13: `
    insert into profile (project_id, group_key, id, properties, updated_at)
    values (1, '', 'ann', '{"plan":"team"}', now()), (1, 'company', 'acme', '{}', now())`,
  14: 'update pipeline set manifest = true where not trial',
  15: 'update project set cuts_strings = true',
  16: 'update folder set profiles_read_at = exported_at',
  17: `
    insert into notification (id, body, created_at, not_before) values (gen_random_uuid(), '{}', now(), now());
    insert into pipeline_notice (pipeline_id, kind, noticed_at) select id, 'held', now() from pipeline where not trial`,
  18: `
    insert into console_session (token_hash, project_id, secret_hash, created_at, expires_at)
    values (sha256('cookie'), 1, sha256('secret'), now(), now());
    insert into console_session (token_hash, service_account_id, secret_hash, created_at, expires_at)
    values (sha256('other'), 1, sha256('secret'), now(), now())`,
  19: `
    update run set state = 'running', attempt = 1, worker_id = 'w', lease_until = now(), started_at = now(),
      step = 'writing' where kind = 'sync';
    update run set state = 'retried', worker_id = null, lease_until = null, error_code = 'S3_THROTTLED' where kind = 'sync'`,
  20: `
    insert into rate_bucket (project_id, bytes, granted, filled_at) values (1, 1000, 50, now());
    insert into project_turn (kind, project_id, taken_at, held_until) values ('raw-export', 1, now(), now())`,
  21: `
    insert into project_usage (project_id, day, day_events, day_bytes, month_events, month_bytes)
    values (1, '2019-08-17', 14, 9000, 20, 12000);
    update project set events_per_day_max = 1000, bytes_per_month_max = 0`,
  22: `
    update run set contents = '{"events":null,"where":null,"part_size_bytes":1048576,"file_size_bytes":536870912}'
    where snapshot_commit is not null`,
  24: `
    insert into refusal (project_id, path, field, message, count, first_at, last_at)
    values (1, '/import', 'properties.time', 'is missing', 3, now(), now())`,
  25: `
    insert into setup_token (token_hash) values (sha256('token'))`,
  26: 'update folder set look_at = exported_at',
  27: 'update folder set unanswered_at = exported_at',
}
