-- Beside it, programs as of 0016 go on working.
-- What a project may do is counted here for all processes together. Unlogged: a change costs no wait for the disk. After a
-- crash of the server, or on another that takes its place, the tables are empty and everybody's minute begins anew.

-- Bytes that a project may still send. Full when it has no row.
create unlogged table rate_bucket (
  project_id integer primary key,
  -- Left when it was filled last; less than nothing where a request was larger than the bucket.
  bytes double precision not null,
  -- What was given out then.
  granted double precision not null,
  filled_at timestamptz not null
);

-- What a project has begun in the last hour (raw exports, connection tests), and what of it is under way.
create unlogged table project_turn (
  id bigint generated always as identity primary key,
  kind text not null,
  project_id integer not null,
  taken_at timestamptz not null,
  -- Renewed by the process that is at it. Null: it is over.
  held_until timestamptz
);
create index project_turn_project on project_turn (kind, project_id, taken_at);
-- To take away what is long over.
create index project_turn_taken on project_turn (taken_at);
