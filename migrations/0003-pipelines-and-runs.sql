-- A pipeline exports one project's events to one destination, folder by folder.
create table pipeline (
  id bigint generated always as identity primary key,
  project_id bigint not null references project (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 255),
  -- A canceled pipeline stays as a removed row: its runs hold their leases until their workers have let go, and
  -- nothing else may write to the same folders before that.
  state text not null default 'active' check (state in ('active', 'paused', 'removed')),
  frequency text not null check (frequency in ('daily', 'hourly')),
  from_date date not null,
  -- Null: it goes on for ever.
  to_date date check (to_date >= from_date),
  -- Null: all events.
  events text[] check (cardinality(events) > 0),
  -- Null: its maker didn't say.
  sync boolean,
  s3_bucket text not null,
  s3_region text not null,
  s3_prefix text check (s3_prefix <> ''),
  s3_role text not null,
  s3_encryption text not null check (s3_encryption in ('none', 'aes', 'kms')),
  s3_kms_key_id text check (s3_kms_key_id is null or s3_encryption = 'kms'),
  -- The cursor: the next folder to plan and when it is due. Null: everything up to to_date is planned.
  next_local_hour integer,
  next_due_at timestamptz check ((next_due_at is null) = (next_local_hour is null)),
  last_dispatched_at timestamptz,
  -- Why Penstock itself paused it, in words; null when its owner did, and when it isn't paused.
  pause_reason text,
  -- Runs in a row that the destination refused; at the limit the pipeline is paused.
  refusals integer not null default 0,
  created_at timestamptz not null
);
-- Names are unique among the pipelines that a project has now: a removed one gives its name back.
create unique index pipeline_name on pipeline (project_id, name) where state <> 'removed';
-- The scheduler's question: which pipelines have something to plan by now?
create index pipeline_due on pipeline (next_due_at) where state = 'active';

-- One row a folder of a pipeline. The states and what may follow on what: docs/run-states.md.
create table run (
  id bigint generated always as identity primary key,
  pipeline_id bigint not null references pipeline (id) on delete cascade,
  -- First hour of the folder, in hours of the project's wall clock since 1970-01-01T00.
  local_hour integer not null,
  hours smallint not null check (hours in (1, 24)),
  -- Planned when the pipeline was created, because it was due already.
  backfill boolean not null,
  state text not null check (
    state in ('pending', 'running', 'retried', 'failed', 'canceled', 'timed_out', 'succeeded')
  ),
  -- When the folder became due; attempts before not_before are refused (the wait after a failure).
  due_at timestamptz not null,
  not_before timestamptz not null,
  -- Goes up with each claim: with worker_id it tells the holder of a run from every earlier one.
  attempt integer not null default 0,
  -- Attempts that failed outside since the run was planned or requeued.
  failures integer not null default 0,
  worker_id text,
  lease_until timestamptz,
  snapshot_commit bigint,
  started_at timestamptz,
  finished_at timestamptz,
  files integer,
  events bigint,
  bytes bigint,
  error_code text,
  error_message text,
  created_at timestamptz not null,
  -- Whatever the clock does, a folder is planned once. Also serves the status of a pipeline, in order.
  constraint run_folder unique (pipeline_id, local_hour),
  check (state <> 'running' or (worker_id is not null and lease_until is not null)),
  check ((worker_id is null) = (lease_until is null))
);
-- Runs whose worker fell silent. Also says which folders are still being let go of by a canceled run.
create index run_lease on run (lease_until) where lease_until is not null;
-- Runs that wait, to find those that have lost their job.
create index run_waiting on run (not_before) where state in ('pending', 'retried');
