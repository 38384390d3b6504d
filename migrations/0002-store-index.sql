-- The index of the event store (docs/decisions: the segments describe themselves; this can be rebuilt from them).

-- One row. Its lock orders commits: whoever holds it gives out the next number and is visible before the next does,
-- so "everything up to N" is a snapshot.
create table store_commit (
  only_row boolean primary key default true check (only_row),
  number bigint not null
);
insert into store_commit (number) values (0);

create table segment (
  id text primary key,
  commit_number bigint not null unique,
  byte_length bigint not null,
  created_at timestamptz not null
);

-- One gzip member of event lines of one project and one hour of its local time. The key serves the one question that
-- exports ask: the members of these hours of this project up to this commit.
create table member (
  project_id integer not null,
  local_hour integer not null,
  commit_number bigint not null,
  ordinal integer not null,
  segment_id text not null references segment (id) on delete cascade,
  byte_offset bigint not null,
  byte_length integer not null,
  raw_bytes integer not null,
  event_count integer not null,
  crc32 bigint not null,
  keys_offset bigint not null,
  -- Null: too many to list; the member must be opened to know.
  event_names text[],
  min_time_ms bigint not null,
  max_time_ms bigint not null,
  primary key (project_id, local_hour, commit_number, ordinal)
);
create index member_segment on member (segment_id);
