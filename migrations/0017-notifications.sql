-- Beside it, programs as of 0016 go on working.
-- What the operator is told through the webhook: a row is there until the webhook has taken it.
create table notification (
  -- Sent with it: the same at every try, so that the receiver can tell that it has had it.
  id uuid primary key,
  -- The JSON that is signed and sent.
  body text not null,
  created_at timestamptz not null,
  -- The next try; while one is under way, when it is taken for dead.
  not_before timestamptz not null,
  attempts integer not null default 0
);
create index notification_due on notification (not_before);

-- What the operator was told of a pipeline, and has not been told to be over.
create table pipeline_notice (
  pipeline_id bigint not null references pipeline (id) on delete cascade,
  kind text not null check (kind in ('late', 'held')),
  noticed_at timestamptz not null,
  primary key (pipeline_id, kind)
);

-- What is to be exported now, the longest due first: how late exports are.
create index run_open on run (due_at)
where state in ('pending', 'running', 'retried') and kind = 'export' and not backfill;
-- What nobody works any more, to be counted.
create index run_failed on run (state) where state in ('failed', 'timed_out');
