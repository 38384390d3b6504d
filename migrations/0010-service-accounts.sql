-- Who may manage several projects with one credential, and as what in each.
create table service_account (
  id integer generated always as identity primary key,
  -- What its operator calls it.
  name text not null unique check (char_length(name) between 1 and 255),
  username text not null unique check (username ~ '^[a-z0-9-]+\.[0-9a-f]{6}\.mp-service-account$'),
  -- SHA-256, as of a project's API secret.
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  created_at timestamptz not null default now()
);

create table service_account_role (
  service_account_id integer not null references service_account (id) on delete cascade,
  project_id integer not null references project (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'analyst', 'consumer')),
  primary key (service_account_id, project_id)
);
-- Deleting a project looks for its roles.
create index service_account_role_project on service_account_role (project_id);
