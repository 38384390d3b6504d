-- Made by `npm run schema` from a database with every migration applied; migrations/ is what makes a schema.
-- Read it for the shape of today's tables; the reasons stand in the migrations.

create table console_session (
  token_hash bytea not null,
  project_id integer,
  service_account_id integer,
  secret_hash bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint console_session_pkey PRIMARY KEY (token_hash),
  constraint console_session_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE,
  constraint console_session_service_account_id_fkey FOREIGN KEY (service_account_id) REFERENCES service_account(id) ON DELETE CASCADE,
  constraint console_session_check CHECK ((project_id IS NULL) <> (service_account_id IS NULL)),
  constraint console_session_secret_hash_check CHECK (octet_length(secret_hash) = 32),
  constraint console_session_token_hash_check CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX console_session_account ON console_session USING btree (service_account_id);
CREATE INDEX console_session_expiry ON console_session USING btree (expires_at);
CREATE INDEX console_session_project ON console_session USING btree (project_id);

create table folder (
  pipeline_id bigint not null,
  local_hour integer not null,
  hours smallint not null,
  seen_commit bigint not null,
  selection bytea,
  duplicates bigint,
  exported_at timestamp with time zone not null,
  synced_at timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  profiles_read_at timestamp with time zone,
  look_at timestamp with time zone,
  unanswered_at timestamp with time zone,
  constraint folder_pkey PRIMARY KEY (pipeline_id, local_hour),
  constraint folder_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES pipeline(id) ON DELETE CASCADE,
  constraint folder_check CHECK ((duplicates IS NULL) = (selection IS NULL)),
  constraint folder_hours_check CHECK (hours = ANY (ARRAY[1, 24])),
  constraint folder_selection_check CHECK (octet_length(selection) = 32)
);
CREATE INDEX folder_look ON folder USING btree (look_at) WHERE look_at IS NOT NULL;

create table folder_file (
  pipeline_id bigint not null,
  local_hour integer not null,
  ordinal integer not null,
  name text not null,
  byte_length bigint not null,
  crc32 bigint not null,
  events bigint not null,
  min_time_ms bigint not null,
  max_time_ms bigint not null,
  members bytea not null,
  after_commit bigint not null,
  up_to_commit bigint not null,
  constraint folder_file_pkey PRIMARY KEY (pipeline_id, local_hour, ordinal),
  constraint folder_file_pipeline_id_local_hour_fkey FOREIGN KEY (pipeline_id, local_hour) REFERENCES folder(pipeline_id, local_hour) ON DELETE CASCADE
);

create table member (
  project_id integer not null,
  local_hour integer not null,
  commit_number bigint not null,
  ordinal integer not null,
  segment_id text not null,
  byte_offset bigint not null,
  byte_length integer not null,
  raw_bytes integer not null,
  event_count integer not null,
  crc32 bigint not null,
  keys_offset bigint not null,
  event_names text[],
  min_time_ms bigint not null,
  max_time_ms bigint not null,
  last_hour integer not null,
  hour_counts integer[],
  first_commit bigint not null,
  generation smallint not null,
  rank integer not null,
  sources_offset bigint,
  sources_length integer,
  constraint member_pkey PRIMARY KEY (segment_id, ordinal),
  constraint member_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES segment(id) ON DELETE CASCADE,
  constraint member_check CHECK (last_hour >= local_hour),
  constraint member_check1 CHECK (first_commit <= commit_number)
);
CREATE INDEX member_hour ON member USING btree (project_id, local_hour, commit_number);
CREATE INDEX member_over_days ON member USING btree (project_id, local_hour) WHERE (last_hour / 24) > (local_hour / 24);
CREATE INDEX member_unmerged ON member USING btree (project_id, local_hour, segment_id, ordinal) INCLUDE (raw_bytes) WHERE generation = 0;

create table merge_output (
  segment_id text not null,
  begun_at timestamp with time zone default clock_timestamp() not null,
  constraint merge_output_pkey PRIMARY KEY (segment_id)
);

create table migration (
  number integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  oldest_program integer,
  constraint migration_pkey PRIMARY KEY (number)
);

create table notification (
  id uuid not null,
  body text not null,
  created_at timestamp with time zone not null,
  not_before timestamp with time zone not null,
  attempts integer default 0 not null,
  constraint notification_pkey PRIMARY KEY (id)
);
CREATE INDEX notification_due ON notification USING btree (not_before);

create table pipeline (
  id bigint generated always as identity not null,
  project_id bigint not null,
  name text not null,
  state text default 'active'::text not null,
  frequency text not null,
  from_date date not null,
  to_date date,
  events text[],
  sync boolean not null,
  s3_bucket text not null,
  s3_region text not null,
  s3_prefix text,
  s3_role text not null,
  s3_encryption text not null,
  s3_kms_key_id text,
  next_local_hour integer,
  next_due_at timestamp with time zone,
  last_dispatched_at timestamp with time zone,
  pause_reason text,
  refusals integer default 0 not null,
  created_at timestamp with time zone not null,
  where_expression text,
  next_sync_at timestamp with time zone,
  trial boolean not null,
  next_trust_test_at timestamp with time zone default now() not null,
  trust_warning text,
  next_connection_test_at timestamp with time zone,
  connection_tests integer default 0 not null,
  manifest boolean default false not null,
  constraint pipeline_pkey PRIMARY KEY (id),
  constraint pipeline_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE,
  constraint pipeline_check CHECK (to_date >= from_date),
  constraint pipeline_check1 CHECK (s3_kms_key_id IS NULL OR s3_encryption = 'kms'::text),
  constraint pipeline_check2 CHECK ((next_due_at IS NULL) = (next_local_hour IS NULL)),
  constraint pipeline_connection_tests_check CHECK (connection_tests >= 0),
  constraint pipeline_events_check CHECK (cardinality(events) > 0),
  constraint pipeline_frequency_check CHECK (frequency = ANY (ARRAY['daily'::text, 'hourly'::text])),
  constraint pipeline_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 255),
  constraint pipeline_s3_encryption_check CHECK (s3_encryption = ANY (ARRAY['none'::text, 'aes'::text, 'kms'::text])),
  constraint pipeline_s3_prefix_check CHECK (s3_prefix <> ''::text),
  constraint pipeline_state_check CHECK (state = ANY (ARRAY['active'::text, 'paused'::text, 'removed'::text])),
  constraint pipeline_sync CHECK (sync = (next_sync_at IS NOT NULL)),
  constraint pipeline_trial_whole CHECK (NOT trial OR frequency = 'daily'::text AND to_date IS NOT NULL AND events IS NULL AND where_expression IS NULL AND state <> 'removed'::text),
  constraint pipeline_where_expression_check CHECK (where_expression <> ''::text)
);
CREATE INDEX pipeline_connection_test ON pipeline USING btree (next_connection_test_at) WHERE state = 'paused'::text;
CREATE INDEX pipeline_due ON pipeline USING btree (next_due_at) WHERE state = 'active'::text;
CREATE UNIQUE INDEX pipeline_name ON pipeline USING btree (project_id, name) WHERE state <> 'removed'::text;
CREATE INDEX pipeline_role ON pipeline USING btree (s3_role) WHERE state <> 'removed'::text;
CREATE INDEX pipeline_sync_due ON pipeline USING btree (next_sync_at) WHERE state = 'active'::text;
CREATE UNIQUE INDEX pipeline_trial ON pipeline USING btree (project_id) WHERE trial;
CREATE INDEX pipeline_trust_test ON pipeline USING btree (next_trust_test_at) WHERE state = 'active'::text;

create table pipeline_notice (
  pipeline_id bigint not null,
  kind text not null,
  noticed_at timestamp with time zone not null,
  constraint pipeline_notice_pkey PRIMARY KEY (pipeline_id, kind),
  constraint pipeline_notice_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES pipeline(id) ON DELETE CASCADE,
  constraint pipeline_notice_kind_check CHECK (kind = ANY (ARRAY['late'::text, 'held'::text]))
);

create table profile (
  project_id integer not null,
  group_key text not null,
  id text not null,
  properties text not null,
  updated_at timestamp with time zone not null,
  constraint profile_pkey PRIMARY KEY (project_id, group_key, id),
  constraint profile_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE
);

create table project (
  id integer generated always as identity not null,
  name text not null,
  token text not null,
  api_secret_hash bytea not null,
  time_zone text not null,
  created_at timestamp with time zone default now() not null,
  cuts_strings boolean default false not null,
  events_per_day_max bigint,
  bytes_per_day_max bigint,
  events_per_month_max bigint,
  bytes_per_month_max bigint,
  constraint project_pkey PRIMARY KEY (id),
  constraint project_api_secret_hash_key UNIQUE (api_secret_hash),
  constraint project_token_key UNIQUE (token),
  constraint project_api_secret_hash_check CHECK (octet_length(api_secret_hash) = 32),
  constraint project_bytes_per_day_max_check CHECK (bytes_per_day_max >= 0),
  constraint project_bytes_per_month_max_check CHECK (bytes_per_month_max >= 0),
  constraint project_events_per_day_max_check CHECK (events_per_day_max >= 0),
  constraint project_events_per_month_max_check CHECK (events_per_month_max >= 0),
  constraint project_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 255),
  constraint project_token_check CHECK (token ~ '^[0-9a-f]{32}$'::text)
);

create table project_turn (
  id bigint generated always as identity not null,
  kind text not null,
  project_id integer not null,
  taken_at timestamp with time zone not null,
  held_until timestamp with time zone,
  constraint project_turn_pkey PRIMARY KEY (id)
);
CREATE INDEX project_turn_project ON project_turn USING btree (kind, project_id, taken_at);
CREATE INDEX project_turn_taken ON project_turn USING btree (taken_at);

create table project_usage (
  project_id integer not null,
  day date not null,
  day_events bigint not null,
  day_bytes bigint not null,
  month_events bigint not null,
  month_bytes bigint not null,
  constraint project_usage_pkey PRIMARY KEY (project_id)
);

create table rate_bucket (
  project_id integer not null,
  bytes double precision not null,
  granted double precision not null,
  filled_at timestamp with time zone not null,
  constraint rate_bucket_pkey PRIMARY KEY (project_id)
);

create table refusal (
  id bigint generated always as identity not null,
  project_id integer not null,
  path text not null,
  field text not null,
  message text not null,
  count bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  constraint refusal_pkey PRIMARY KEY (id),
  constraint refusal_cause UNIQUE (project_id, path, field, message),
  constraint refusal_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE
);
CREATE INDEX refusal_newest ON refusal USING btree (project_id, last_at);

create table run (
  id bigint generated always as identity not null,
  pipeline_id bigint not null,
  local_hour integer not null,
  hours smallint not null,
  backfill boolean not null,
  state text not null,
  due_at timestamp with time zone not null,
  not_before timestamp with time zone not null,
  attempt integer default 0 not null,
  failures integer default 0 not null,
  worker_id text,
  lease_until timestamp with time zone,
  snapshot_commit bigint,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  files integer,
  events bigint,
  bytes bigint,
  error_code text,
  error_message text,
  created_at timestamp with time zone not null,
  kind text not null,
  step text,
  contents jsonb,
  constraint run_pkey PRIMARY KEY (id),
  constraint run_folder UNIQUE (pipeline_id, local_hour, kind),
  constraint run_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES pipeline(id) ON DELETE CASCADE,
  constraint run_check CHECK (state <> 'running'::text OR worker_id IS NOT NULL AND lease_until IS NOT NULL),
  constraint run_check1 CHECK ((worker_id IS NULL) = (lease_until IS NULL)),
  constraint run_hours_check CHECK (hours = ANY (ARRAY[1, 24])),
  constraint run_kind_check CHECK (kind = ANY (ARRAY['export'::text, 'sync'::text])),
  constraint run_state_check CHECK (state = ANY (ARRAY['pending'::text, 'running'::text, 'retried'::text, 'failed'::text, 'canceled'::text, 'timed_out'::text, 'succeeded'::text])),
  constraint run_step_check CHECK (step = ANY (ARRAY['planning'::text, 'writing'::text, 'finishing'::text]))
);
CREATE INDEX run_failed ON run USING btree (state) WHERE state = ANY (ARRAY['failed'::text, 'timed_out'::text]);
CREATE INDEX run_lease ON run USING btree (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX run_open ON run USING btree (due_at) WHERE (state = ANY (ARRAY['pending'::text, 'running'::text, 'retried'::text])) AND kind = 'export'::text AND NOT backfill;
CREATE INDEX run_waiting ON run USING btree (not_before) WHERE state = ANY (ARRAY['pending'::text, 'retried'::text]);
CREATE INDEX run_waiting_id ON run USING btree (id) WHERE state = ANY (ARRAY['pending'::text, 'retried'::text]);

create table run_attempt (
  id bigint generated always as identity not null,
  pipeline_id bigint not null,
  local_hour integer not null,
  kind text not null,
  attempt integer not null,
  ended_in text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  files integer not null,
  events bigint not null,
  bytes bigint not null,
  error_code text,
  error_message text,
  constraint run_attempt_pkey PRIMARY KEY (id),
  constraint run_attempt_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES pipeline(id) ON DELETE CASCADE,
  constraint run_attempt_kind_check CHECK (kind = ANY (ARRAY['export'::text, 'sync'::text]))
);
CREATE INDEX run_attempt_folder ON run_attempt USING btree (pipeline_id, local_hour, id);
CREATE INDEX run_attempt_newest ON run_attempt USING btree (pipeline_id, id);

create table segment (
  id text not null,
  commit_number bigint,
  byte_length bigint not null,
  created_at timestamp with time zone not null,
  source_ids text[],
  source_commits bigint[],
  live_members integer not null,
  live_bytes bigint not null,
  member_bytes bigint not null,
  emptied_at timestamp with time zone,
  constraint segment_pkey PRIMARY KEY (id),
  constraint segment_commit_number_key UNIQUE (commit_number),
  constraint segment_commits CHECK ((commit_number IS NULL) = (source_ids IS NOT NULL) AND (source_ids IS NULL) = (source_commits IS NULL) AND cardinality(source_ids) = cardinality(source_commits))
);
CREATE INDEX segment_age ON segment USING btree (created_at) WHERE live_members > 0;
CREATE INDEX segment_empty ON segment USING btree (emptied_at) WHERE live_members = 0;
CREATE INDEX segment_sparse ON segment USING btree (live_bytes) WHERE source_ids IS NOT NULL AND live_members > 0 AND (live_bytes * 2) < member_bytes;

create table service_account (
  id integer generated always as identity not null,
  name text not null,
  username text not null,
  secret_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  constraint service_account_pkey PRIMARY KEY (id),
  constraint service_account_name_key UNIQUE (name),
  constraint service_account_username_key UNIQUE (username),
  constraint service_account_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 255),
  constraint service_account_secret_hash_check CHECK (octet_length(secret_hash) = 32),
  constraint service_account_username_check CHECK (username ~ '^[a-z0-9-]+\.[0-9a-f]{6}\.mp-service-account$'::text)
);

create table service_account_role (
  service_account_id integer not null,
  project_id integer not null,
  role text not null,
  constraint service_account_role_pkey PRIMARY KEY (service_account_id, project_id),
  constraint service_account_role_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE,
  constraint service_account_role_service_account_id_fkey FOREIGN KEY (service_account_id) REFERENCES service_account(id) ON DELETE CASCADE,
  constraint service_account_role_role_check CHECK (role = ANY (ARRAY['owner'::text, 'admin'::text, 'analyst'::text, 'consumer'::text]))
);
CREATE INDEX service_account_role_project ON service_account_role USING btree (project_id);

create table setup_token (
  token_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  constraint setup_token_pkey PRIMARY KEY (token_hash),
  constraint setup_token_token_hash_check CHECK (octet_length(token_hash) = 32)
);

create table store_commit (
  only_row boolean default true not null,
  number bigint not null,
  constraint store_commit_pkey PRIMARY KEY (only_row),
  constraint store_commit_only_row_check CHECK (only_row)
);

create table store_hold (
  id bigint generated always as identity not null,
  taken_at timestamp with time zone default clock_timestamp() not null,
  held_until timestamp with time zone not null,
  constraint store_hold_pkey PRIMARY KEY (id)
);

create table store_retention (
  only_row boolean default true not null,
  past_hour integer not null,
  constraint store_retention_pkey PRIMARY KEY (only_row),
  constraint store_retention_only_row_check CHECK (only_row)
);

CREATE OR REPLACE FUNCTION public.record_run_attempt()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  failed boolean := new.state in ('retried', 'failed', 'timed_out');
  -- Another worker has taken it over before anybody found that the first one is silent.
  lost boolean := new.state = 'running';
begin
  insert into run_attempt (pipeline_id, local_hour, kind, attempt, ended_in, started_at, ended_at, files, events, bytes,
    error_code, error_message)
  values (old.pipeline_id, old.local_hour, old.kind, old.attempt,
    case when lost then 'retried' else new.state end,
    coalesce(old.started_at, old.created_at),
    case when lost then new.started_at else coalesce(new.finished_at, new.not_before) end,
    coalesce(case when new.state = 'succeeded' then new.files else old.files end, 0),
    coalesce(case when new.state = 'succeeded' then new.events else old.events end, 0),
    coalesce(case when new.state = 'succeeded' then new.bytes else old.bytes end, 0),
    case when lost then 'RUN_LEASE_LOST' when failed then new.error_code end,
    case when lost then 'the worker fell silent, and another one has taken the run over'
      when failed then new.error_message end);
  -- A folder keeps its newest attempts.
  delete from run_attempt
  where pipeline_id = old.pipeline_id and local_hour = old.local_hour and id <= (
    select id from run_attempt
    where pipeline_id = old.pipeline_id and local_hour = old.local_hour
    order by id desc
    offset 100 limit 1
  );
  return null;
end
$function$
;

CREATE TRIGGER run_attempt_ended AFTER UPDATE ON run FOR EACH ROW WHEN (old.state = 'running'::text AND (new.state <> 'running'::text OR new.attempt <> old.attempt)) EXECUTE FUNCTION record_run_attempt();
