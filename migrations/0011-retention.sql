-- Once events have been removed because of their age. Hours up to this one may lack events.
create table store_retention (
  only_row boolean primary key default true check (only_row),
  past_hour integer not null
);
