-- Beside it, programs as of 0024 go on working.
-- When a finished folder is looked at again: an attempt that broke off may have requests on their way that arrive late
-- (docs/decisions/0068). Null: nothing of the kind is expected.
alter table folder add look_at timestamptz;
create index folder_look on folder (look_at) where look_at is not null;
