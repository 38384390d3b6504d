-- Since when the profiles of users were read that decided which events are in the folder; null: none were.
alter table folder add profiles_read_at timestamptz;
