-- Beside it, programs as of 0023 go on working.
-- What a project's clients were refused of late, and why; nothing of the events but which field was wrong. A project keeps its
-- newest causes.
create table refusal (
  id bigint generated always as identity primary key,
  project_id integer not null references project (id) on delete cascade,
  -- `/import` or `/track`.
  path text not null,
  -- Empty: the whole request.
  field text not null,
  message text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  constraint refusal_cause unique (project_id, path, field, message)
);
create index refusal_newest on refusal (project_id, last_at);
