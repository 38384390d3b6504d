-- Whether long strings in a project's events are cut at 255 characters, as Mixpanel cuts them.
alter table project add column cuts_strings boolean not null default false;
