-- Merging members in the background, and giving the space of what was merged back.

alter table segment
  -- Of all members that it was written with: live_bytes says how much of it is left.
  add column member_bytes bigint,
  -- No reader that came later has seen a member of it in the index.
  add column emptied_at timestamptz;
update segment set member_bytes = live_bytes;
alter table segment alter column member_bytes set not null;
create index segment_empty on segment (emptied_at) where live_members = 0;

-- What ingest wrote and no merge has taken yet, in the order in which merges take it.
create index member_unmerged on member (project_id, local_hour, segment_id, ordinal) include (raw_bytes)
  where generation = 0;

-- Somebody reads members that the index named at `taken_at` or later: segments emptied since then stay.
create table store_hold (
  id bigint generated always as identity primary key,
  taken_at timestamptz not null default clock_timestamp(),
  -- A reader that fell silent holds nothing for longer.
  held_until timestamptz not null
);

-- A segment that a merge is about to write: if the merge dies before its end, the next one removes what is there.
create table merge_output (
  segment_id text primary key,
  begun_at timestamptz not null default clock_timestamp()
);
