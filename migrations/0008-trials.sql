-- A trial: every event of the day before and of thirty days, one a project for ever.
alter table pipeline
  add column trial boolean not null default false,
  add constraint pipeline_trial_whole check (
    not trial
    or (frequency = 'daily' and to_date is not null and events is null and where_expression is null and state <> 'removed')
  );
alter table pipeline alter column trial drop default;
create unique index pipeline_trial on pipeline (project_id) where trial;
