-- Late events reach folders that are exported already: pipelines look for them at an interval, and a sync is a run.

update pipeline set sync = true where sync is null;
alter table pipeline
  alter column sync set not null,
  -- When late events are looked for next; null where the pipeline doesn't want them.
  add column next_sync_at timestamptz;
update pipeline set next_sync_at = created_at where sync;
alter table pipeline add constraint pipeline_sync check (sync = (next_sync_at is not null));
-- The scheduler's question: for which pipelines is it time to look?
create index pipeline_sync_due on pipeline (next_sync_at) where state = 'active';

alter table run
  -- A sync adds to a folder what came in after it was exported. A folder keeps the newest of its syncs only.
  add column kind text not null default 'export' check (kind in ('export', 'sync')),
  drop constraint run_folder,
  add constraint run_folder unique (pipeline_id, local_hour, kind);
alter table run alter column kind drop default;

-- The members of a file were recorded by hour and commit and are by segment now, which a merge of members doesn't reuse.
-- Of folders that were written before, it isn't known any more what their files consist of: a sync writes them whole.
update folder set selection = null, duplicates = null;
alter table folder_file
  -- It holds lines that commits after the first and up to the second brought.
  add column after_commit bigint,
  add column up_to_commit bigint;
update folder_file set after_commit = 0, up_to_commit = folder.seen_commit
from folder
where folder.pipeline_id = folder_file.pipeline_id and folder.local_hour = folder_file.local_hour;
alter table folder_file
  alter column after_commit set not null,
  alter column up_to_commit set not null;
