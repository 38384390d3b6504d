-- Beside it, programs as of 0016 go on working.
-- What looks go over a bounded number of rows at a time, however many there are (docs/decisions/0054).

-- Runs that wait, so many at a look, to find those that have lost their job.
create index run_waiting_id on run (id) where state in ('pending', 'retried');

-- Merged segments of which little is left (pick-merge.ts), and segments by age (retention.ts).
create index segment_sparse on segment (live_bytes)
  where source_ids is not null and live_members > 0 and live_bytes * 2 < member_bytes;
create index segment_age on segment (created_at) where live_members > 0;
