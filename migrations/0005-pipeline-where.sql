-- The segmentation expression that a pipeline's events must meet, as its owner wrote it. Null: all events.
alter table pipeline add column where_expression text check (where_expression <> '');
