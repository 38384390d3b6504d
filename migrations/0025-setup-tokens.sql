-- Beside it, programs as of 0023 go on working.
-- With which the first project may be made in the console: of each process that serves it and was started while there was none,
-- the hash of the token that it has printed. The first project takes them all away.
create table setup_token (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  created_at timestamptz not null default now()
);
