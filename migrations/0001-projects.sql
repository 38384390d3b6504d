-- One row a project: the tenant that every event, pipeline and credential belongs to.
create table project (
  -- Identity values are never given out twice, so what is left of a deleted project can't show up in a new one.
  id integer generated always as identity primary key,
  name text not null check (char_length(name) between 1 and 255),
  token text not null unique check (token ~ '^[0-9a-f]{32}$'),
  -- SHA-256. The secret is 128 random bits, so it can't be guessed from a fast hash, and the index finds it at once.
  api_secret_hash bytea not null unique check (octet_length(api_secret_hash) = 32),
  time_zone text not null,
  created_at timestamptz not null default now()
);
