-- What is found out about a pipeline's destination beside its runs.
alter table pipeline
  -- When the role is tried the next time for whether it lets in who brings no external ID.
  add column next_trust_test_at timestamptz not null default now(),
  -- What the last trial found, with what to do about it. Null: nothing.
  add column trust_warning text,
  -- Paused by Penstock: when the connection test is made the next time. Null: only its owner lets it go on.
  add column next_connection_test_at timestamptz,
  -- How often that was done since a run got through, or its owner let it go on.
  add column connection_tests integer not null default 0 check (connection_tests >= 0);
update pipeline set next_connection_test_at = now() where state = 'paused' and pause_reason is not null;

create index pipeline_role on pipeline (s3_role) where state <> 'removed';
create index pipeline_trust_test on pipeline (next_trust_test_at) where state = 'active';
create index pipeline_connection_test on pipeline (next_connection_test_at) where state = 'paused';
