/** Where it keeps what: the database, and the place of the event store. */
import { z } from 'zod'
import { storeUrl } from '../store-url.ts'
import { flag, type Setting, setting, wholeNumber } from './setting.ts'

const postgresUrl = z.string().refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
  error: 'must be a URL like postgres://user@host:5432/database',
})

const serverUrl = z.string().refine((text) => /^https?:\/\/[^/?#@]+\/?$/.test(text) && URL.canParse(text), {
  error: 'must be the URL of a server, like https://s3.example.com:9000',
})

export const storage = {
  dataDir: setting(
    'PENSTOCK_DATA_DIR',
    z.string().min(1),
    './penstock-data',
    'folder of the embedded database, the event store and the spool',
  ),
  databaseUrl: setting(
    'PENSTOCK_DATABASE_URL',
    postgresUrl,
    undefined,
    'a PostgreSQL to use instead of the embedded one',
  ),
  databaseAnswerMsMax: setting(
    'PENSTOCK_DATABASE_ANSWER_MS_MAX',
    wholeNumber(100, 600_000),
    20_000,
    'how long a request waits for the database before it is answered 503: half of it for a connection, half for each query',
  ),
  storeUrl: setting(
    'PENSTOCK_STORE_URL',
    storeUrl,
    undefined,
    'where the event store keeps its segments: file:///folder or s3://bucket/prefix; files in the data directory without it',
  ),
  storeS3Endpoint: setting(
    'PENSTOCK_STORE_S3_ENDPOINT',
    serverUrl,
    undefined,
    "server of the event store's own S3; AWS's without it, whatever AWS_ENDPOINT_URL says of destinations",
  ),
  storeS3Region: setting(
    'PENSTOCK_STORE_S3_REGION',
    z.string().regex(/^[a-z0-9-]+$/, { error: 'must be a region like eu-central-1' }),
    undefined,
    'its region; what the AWS SDK finds without it',
  ),
  storeS3AccessKeyId: setting(
    'PENSTOCK_STORE_S3_ACCESS_KEY_ID',
    z.string().min(1),
    undefined,
    "credentials of the event store alone; the AWS SDK's default chain without them",
  ),
  storeS3SecretAccessKey: setting(
    'PENSTOCK_STORE_S3_SECRET_ACCESS_KEY',
    z.string().min(1),
    undefined,
    'their secret',
  ),
  storeS3PathStyle: setting(
    'PENSTOCK_STORE_S3_PATH_STYLE',
    flag,
    false,
    'true where the server wants the bucket in the path',
  ),
  storeS3WriteSecondsMax: setting(
    'PENSTOCK_STORE_S3_WRITE_SECONDS_MAX',
    wholeNumber(1, 3600),
    8,
    'how long a failing write to it is tried again; below PENSTOCK_COMMIT_SECONDS_MAX, so that clients hear of it',
  ),
  storeS3ReadSecondsMax: setting(
    'PENSTOCK_STORE_S3_READ_SECONDS_MAX',
    wholeNumber(1, 3600),
    60,
    'how long a read that gets nothing is tried again before whoever reads fails',
  ),
} as const satisfies Record<string, Setting>
