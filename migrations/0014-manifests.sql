-- Whether a folder's manifest is written into the bucket too.
alter table pipeline add manifest boolean not null default false;
