/**
 * What each parameter means, for the OpenAPI document. docs/guides/pipelines.md and docs/guides/raw-export.md say more. One
 * that means something else in a call of its own stands under `call/name`.
 */
export const parameterTexts: Record<string, string> = {
  type: 's3-raw',
  project_id: "The project's id; needed with a service account, else that of the secret.",
  from_date: 'The first day, YYYY-MM-DD. With trial=true the day before is meant where it is left out.',
  to_date: 'The last day, YYYY-MM-DD. Left out: the export goes on for ever.',
  frequency: 'Only without to_date. Left out: daily.',
  events: 'Names of the events to export; one of them, or several. Left out: all.',
  where: 'A segmentation expression that events must meet.',
  data_source: 'events',
  data_format: 'json',
  trial: 'Every event of the day before and of thirty days; one a project. Left out: false.',
  sync: 'Whether late events reach folders that are exported already. Left out: true.',
  manifest:
    "Whether each folder's manifest is written into the bucket too, below <prefix>/<project id>/_manifests/. Left out: false.",
  s3_bucket: 'The bucket to export to.',
  s3_region: "The bucket's region.",
  s3_role: 'The ARN of the role that may write to the bucket.',
  s3_prefix: 'A key prefix. Left out: the root of the bucket.',
  s3_encryption: 'Left out: none.',
  s3_kms_key_id: "A key's ARN or id, or an alias' ARN; only with kms. Left out: the account's aws/s3 key.",
  skip_check: 'Whether the connection to the bucket is not tested first. Left out: false.',
  name: 'The name of the pipeline.',
  date: 'The day of the folder, YYYY-MM-DD.',
  hour: "The folder's hour of that day, 00 to 23; only of an hourly pipeline, which needs it.",
  summary: 'Only counts. Left out: false.',
  status: 'States of runs; one of them, or several. Left out: all.',
  'export/from_date': "The first day, YYYY-MM-DD, in the project's time zone.",
  'export/to_date': "The last day, YYYY-MM-DD, in the project's time zone.",
  event: 'Names of the events to answer, as a JSON array. Left out: all.',
  limit: 'How many events to answer at most. Left out: all.',
  time_in_ms: 'Whether properties.time is in milliseconds. Left out: false, and it is in seconds.',
  group_key: 'The key of the groups to list. Left out: profiles of users.',
  after:
    'The id of the profile after which the page begins; the header Link has it. Left out: from the first.',
  'engage/limit': 'How many profiles to list at most. Left out: 1000.',
  username: "A service account's user name. Left out: the secret is a project's.",
  secret: "The project's API secret, or the service account's secret.",
  role_name: 'The role to create. Left out: penstock-export.',
}
