-- What each finished folder consists of: the manifest of an export, and what a sync of late events builds on. Written in
-- the transaction that makes the run succeeded.
create table folder (
  pipeline_id bigint not null references pipeline (id) on delete cascade,
  -- First hour and number of hours, as in run.
  local_hour integer not null,
  hours smallint not null check (hours in (1, 24)),
  -- The files hold every event of the folder that commits up to this one brought.
  seen_commit bigint not null,
  -- SHA-256 of what the pipeline selected when the files were written. Null: they were written before files were
  -- recorded, and nothing is known of them.
  selection bytea check (octet_length(selection) = 32),
  -- Lines that are not in the files because the folder has a newer line of the same event.
  duplicates bigint check ((duplicates is null) = (selection is null)),
  -- When it was finished first, and when late events were added to it: the newest times only, in order.
  exported_at timestamptz not null,
  synced_at timestamptz[] not null default '{}',
  primary key (pipeline_id, local_hour)
);

create table folder_file (
  pipeline_id bigint not null,
  local_hour integer not null,
  -- The number in its name; a file that is written anew keeps it.
  ordinal integer not null,
  name text not null,
  byte_length bigint not null,
  crc32 bigint not null,
  events bigint not null,
  -- No event of the file is earlier or later; where lines were left out of a member, the bounds are the member's.
  min_time_ms bigint not null,
  max_time_ms bigint not null,
  -- Which members went into it, in order, and which of their lines were left out (src/data/plan/file-members.ts).
  members bytea not null,
  primary key (pipeline_id, local_hour, ordinal),
  foreign key (pipeline_id, local_hour) references folder (pipeline_id, local_hour) on delete cascade
);

-- What was exported before, and as of which commit, is known; of what files, is not.
insert into folder (pipeline_id, local_hour, hours, seen_commit, exported_at)
select pipeline_id, local_hour, hours, snapshot_commit, finished_at
from run
where state = 'succeeded' and snapshot_commit is not null and finished_at is not null;
