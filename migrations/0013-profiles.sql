-- Profiles of users and of groups, as /engage and /groups have left them.
create table profile (
  project_id integer not null references project on delete cascade,
  -- Empty for users.
  group_key text collate "C" not null,
  id text collate "C" not null,
  -- A JSON object as text: jsonb would refuse NUL in a value, and change numbers.
  properties text not null,
  updated_at timestamptz not null,
  primary key (project_id, group_key, id)
);
