-- Beside it, programs as of 0016 go on working.
-- What each project has sent in, by the transaction that stored it. Without a foreign key: a project that is deleted while
-- its events are being stored must not fail the commit of others.
create table project_usage (
  project_id integer primary key,
  -- Of UTC, as of the commit that counted last; the month is the day's.
  day date not null,
  day_events bigint not null,
  -- Uncompressed, of the lines as they are stored.
  day_bytes bigint not null,
  month_events bigint not null,
  month_bytes bigint not null
) with (fillfactor = 50);

-- What a project may send in, where it isn't as the settings say. Null: as they say.
alter table project
  add column events_per_day_max bigint check (events_per_day_max >= 0),
  add column bytes_per_day_max bigint check (bytes_per_day_max >= 0),
  add column events_per_month_max bigint check (events_per_month_max >= 0),
  add column bytes_per_month_max bigint check (bytes_per_month_max >= 0);
