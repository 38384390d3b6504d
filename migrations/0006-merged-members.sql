-- The index knows members that hold several hours (spread members) or the lines of several commits (merged ones).

alter table segment
  -- A merged segment has no commit of its own.
  alter column commit_number drop not null,
  -- The segments that brought its lines, and their commit numbers, in the order of its footer.
  add column source_ids text[],
  add column source_commits bigint[],
  -- Members that are in the index, and their bytes: the others were merged into later segments, or are past retention.
  add column live_members integer,
  add column live_bytes bigint,
  add constraint segment_commits check (
    (commit_number is null) = (source_ids is not null)
    and (source_ids is null) = (source_commits is null)
    and cardinality(source_ids) = cardinality(source_commits)
  );
update segment set (live_members, live_bytes) =
  (select count(*), coalesce(sum(byte_length), 0) from member where segment_id = segment.id);
alter table segment
  alter column live_members set not null,
  alter column live_bytes set not null;

alter table member
  add column last_hour integer,
  -- Of a spread member: hour, number of lines, hour, number of lines …
  add column hour_counts integer[],
  -- The oldest commit that one of its lines came with; commit_number is the newest.
  add column first_commit bigint,
  -- How often its lines have been merged.
  add column generation smallint not null default 0,
  -- Of members with lines of the same commit, hour and name, the one with the later lines has the higher.
  add column rank integer,
  -- Where a merged member's segment says which commit each line came with.
  add column sources_offset bigint,
  add column sources_length integer;
update member set last_hour = local_hour, first_commit = commit_number, rank = ordinal;
alter table member
  alter column last_hour set not null,
  alter column first_commit set not null,
  alter column rank set not null,
  alter column generation drop default,
  drop constraint member_pkey,
  add primary key (segment_id, ordinal),
  add check (last_hour >= local_hour),
  add check (first_commit <= commit_number);
drop index member_segment;

-- What exports ask: the members of these hours of this project. Those of one day by their first hour …
create index member_hour on member (project_id, local_hour, commit_number);
-- … and those that reach over days, which are few and soon merged.
create index member_over_days on member (project_id, local_hour) where last_hour / 24 > local_hour / 24;
