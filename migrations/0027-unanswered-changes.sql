-- Beside it, programs as of 0024 go on working.
-- When the folder was last finished by an attempt that had asked for a change of the bucket, got no answer, and asked again: what
-- it asked first may be carried out late (docs/decisions/0068). Null: never.
alter table folder add unanswered_at timestamptz;
