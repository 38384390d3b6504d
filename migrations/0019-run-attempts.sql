-- Beside it, programs as of 0018 go on working.
-- What became of each attempt at a run: the history of a folder. A run itself keeps the newest attempt only, and a sync's
-- row goes when the next one is planned.

alter table run
  -- What the attempt under way is at; null: whoever works it doesn't say.
  add column step text check (step in ('planning', 'writing', 'finishing'));

create table run_attempt (
  id bigint generated always as identity primary key,
  pipeline_id bigint not null references pipeline (id) on delete cascade,
  -- First hour of the folder, as in run.
  local_hour integer not null,
  kind text not null check (kind in ('export', 'sync')),
  attempt integer not null,
  -- The state that it left the run in.
  ended_in text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  -- What the bucket had confirmed.
  files integer not null,
  events bigint not null,
  bytes bigint not null,
  error_code text,
  error_message text
);
create index run_attempt_folder on run_attempt (pipeline_id, local_hour, id);
-- What has ended since somebody looked.
create index run_attempt_newest on run_attempt (pipeline_id, id);

-- By a trigger, so that no way out of `running` is forgotten, and programs that know nothing of it keep the history too.
create function record_run_attempt() returns trigger language plpgsql as $$
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
$$;

create trigger run_attempt_ended after update on run
for each row
when (old.state = 'running' and (new.state <> 'running' or new.attempt <> old.attempt))
execute function record_run_attempt();
