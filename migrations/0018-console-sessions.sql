-- Beside it, programs as of 0017 go on working.
-- Who is signed in at the console. A session is known by the hash of what its cookie holds.
create table console_session (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  -- Signed in with a project's API secret, or as a service account.
  project_id integer references project (id) on delete cascade,
  service_account_id integer references service_account (id) on delete cascade,
  -- Of the secret that was signed in with: once it is rotated, the session is over.
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  check ((project_id is null) <> (service_account_id is null))
);
create index console_session_project on console_session (project_id);
create index console_session_account on console_session (service_account_id);
-- Those that are over are deleted when somebody signs in.
create index console_session_expiry on console_session (expires_at);
