-- Beside it, programs as of 0021 go on working.
-- What a run's first attempt has fixed beside its snapshot: the selection, and the sizes by which members and files are cut.
-- Every attempt writes by it, whatever has been edited and wherever it is worked. Null: no attempt has, or one of a version
-- before this.
alter table run add contents jsonb;
