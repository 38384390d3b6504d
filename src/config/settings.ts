import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { storeUrl } from './store-url.ts'

const mebibyte = 1024 * 1024

const wholeNumber = (min: number, max: number) =>
  z.coerce.number().refine((value) => Number.isInteger(value) && value >= min && value <= max, {
    error: `must be a whole number from ${min} to ${max}`,
  })

const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true')

const postgresUrl = z.string().refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
  error: 'must be a URL like postgres://user@host:5432/database',
})

const serverUrl = z.string().refine((text) => /^https?:\/\/[^/?#@]+\/?$/.test(text) && URL.canParse(text), {
  error: 'must be the URL of a server, like https://s3.example.com:9000',
})

const httpUrl = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
  error: 'must be a URL like https://alerts.example.com/penstock',
})

const principalArn = z
  .string()
  .regex(/^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:(root|(user|role)\/[\x21-\x7e]+)$/, {
    error: 'must be the ARN of an IAM user or role, like arn:aws:iam::111111111111:role/penstock',
  })

const networks = z
  .string()
  .transform((text) => text.split(',').map((network) => network.trim()))
  .refine((list) => list.every(isNetwork), {
    error: 'must be IP addresses, networks like 10.0.0.0/8, or loopback, with commas between them',
  })

/** The names of proxy-addr: private networks, and those of one machine or one link. */
const namedNetworks = ['loopback', 'linklocal', 'uniquelocal']

function isNetwork(text: string): boolean {
  if (namedNetworks.includes(text)) return true
  const [address = '', length, ...more] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return (
    more.length === 0 &&
    bits > 0 &&
    (length === undefined || (/^\d+$/.test(length) && Number(length) <= bits))
  )
}

export interface Setting {
  env: string
  schema: z.ZodType
  default: unknown
  meaning: string
}

const setting = <Schema extends z.ZodType, Default>(
  env: string,
  schema: Schema,
  defaultValue: Default,
  meaning: string,
): { env: string; schema: Schema; default: Default; meaning: string } => ({
  env,
  schema,
  default: defaultValue,
  meaning,
})

const quotaSetting = (env: string, meaning: string) =>
  setting(
    env,
    wholeNumber(0, Number.MAX_SAFE_INTEGER - 1),
    undefined,
    `${meaning}; past it 429; without it there is no bound; \`penstock project edit\` says otherwise for one project`,
  )

/** Every setting of its own that Penstock reads; `AWS_*` are read by the AWS SDK itself. */
export const settings = {
  host: setting('PENSTOCK_HOST', z.string().min(1), '127.0.0.1', 'address that the API listens on'),
  port: setting('PENSTOCK_PORT', wholeNumber(0, 65_535), 8080, 'port of the API; 0 takes a free one'),
  metricsPort: setting(
    'PENSTOCK_METRICS_PORT',
    wholeNumber(0, 65_535),
    undefined,
    'port of /metrics, /healthz and /readyz alone, whatever the roles; then the API serves no /metrics; 0 takes a free one',
  ),
  metricsHost: setting(
    'PENSTOCK_METRICS_HOST',
    z.string().min(1),
    undefined,
    'address that PENSTOCK_METRICS_PORT listens on; without it that of the API',
  ),
  tlsCert: setting(
    'PENSTOCK_TLS_CERT',
    z.string().min(1),
    undefined,
    'file of the certificate, with its chain, as PEM: then the API is served over HTTPS; read again when it changes',
  ),
  tlsKey: setting('PENSTOCK_TLS_KEY', z.string().min(1), undefined, "file of the certificate's key, as PEM"),
  trustedProxies: setting(
    'PENSTOCK_TRUSTED_PROXIES',
    networks,
    undefined,
    'addresses and networks of your own reverse proxies, with commas between them, or loopback: the client is who they say',
  ),
  geoipDatabase: setting(
    'PENSTOCK_GEOIP_DATABASE',
    z.string().min(1),
    undefined,
    'file of a MaxMind database of cities or countries (.mmdb), which turns addresses into places; read again when it changes',
  ),
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
  logLevel: setting(
    'PENSTOCK_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be trace, debug, info, warn, error or silent',
    }),
    'info',
    'least severe log line that is written',
  ),
  threads: setting(
    'PENSTOCK_THREADS',
    wholeNumber(1, 256),
    availableParallelism(),
    'threads that parse, check, hash and compress',
  ),
  importBytesPerMinuteMax: setting(
    'PENSTOCK_IMPORT_BYTES_PER_MINUTE_MAX',
    wholeNumber(1, Number.MAX_SAFE_INTEGER),
    2048 * mebibyte,
    'uncompressed bytes that one project may send a minute; past it 429',
  ),
  quotaEventsPerDayMax: quotaSetting(
    'PENSTOCK_QUOTA_EVENTS_PER_DAY_MAX',
    'events that one project may send in a day (UTC)',
  ),
  quotaBytesPerDayMax: quotaSetting(
    'PENSTOCK_QUOTA_BYTES_PER_DAY_MAX',
    'uncompressed bytes of events that one project may send in a day (UTC)',
  ),
  quotaEventsPerMonthMax: quotaSetting(
    'PENSTOCK_QUOTA_EVENTS_PER_MONTH_MAX',
    'events that one project may send in a calendar month (UTC)',
  ),
  quotaBytesPerMonthMax: quotaSetting(
    'PENSTOCK_QUOTA_BYTES_PER_MONTH_MAX',
    'uncompressed bytes of events that one project may send in a calendar month (UTC)',
  ),
  ingestBytesInFlightMax: setting(
    'PENSTOCK_INGEST_BYTES_IN_FLIGHT_MAX',
    wholeNumber(mebibyte, Number.MAX_SAFE_INTEGER),
    256 * mebibyte,
    'bytes of requests being taken in at once; past it 503',
  ),
  ingestProjectPercentMax: setting(
    'PENSTOCK_INGEST_PROJECT_PERCENT_MAX',
    wholeNumber(1, 100),
    50,
    'share of them, in percent of those that are worked on, that one project may hold; more of it waits',
  ),
  commitWindowMs: setting(
    'PENSTOCK_COMMIT_WINDOW_MS',
    wholeNumber(0, 10_000),
    10,
    'how long events that come beside a commit wait for more to share the next one',
  ),
  commitBytesMax: setting(
    'PENSTOCK_COMMIT_BYTES_MAX',
    wholeNumber(1, 1024 * mebibyte),
    16 * mebibyte,
    'uncompressed bytes after which a commit waits no longer',
  ),
  commitSecondsMax: setting(
    'PENSTOCK_COMMIT_SECONDS_MAX',
    wholeNumber(1, 3600),
    10,
    'how long a commit may take before those who wait for it, and new requests until it ends, are answered 503',
  ),
  partSizeBytes: setting(
    'PENSTOCK_PART_SIZE_BYTES',
    wholeNumber(1024, 64 * mebibyte),
    2 * mebibyte,
    'uncompressed bytes of a full member, the part that an export copies whole',
  ),
  fileSizeBytes: setting(
    'PENSTOCK_FILE_SIZE_BYTES',
    wholeNumber(1024, 4096 * mebibyte),
    64 * mebibyte,
    'compressed bytes after which an exported file is cut',
  ),
  dedupKeysInMemoryMax: setting(
    'PENSTOCK_DEDUP_KEYS_IN_MEMORY_MAX',
    wholeNumber(100_000, 100_000_000),
    1_000_000,
    'dedup keys that an export keeps in memory (about 40 bytes each); those of a larger folder go through the spool',
  ),
  retentionDays: setting(
    'PENSTOCK_RETENTION_DAYS',
    wholeNumber(1, 36_600),
    undefined,
    'days that events are kept after they happened and arrived; without it they are kept for good',
  ),
  compactionBytesPerSecondMax: setting(
    'PENSTOCK_COMPACTION_BYTES_PER_SECOND_MAX',
    wholeNumber(0, Number.MAX_SAFE_INTEGER),
    32 * mebibyte,
    'uncompressed bytes of events that compaction merges a second; 0: none in the background',
  ),
  compactionDelaySeconds: setting(
    'PENSTOCK_COMPACTION_DELAY_SECONDS',
    wholeNumber(0, 86_400),
    600,
    'how long new events may wait to be merged; many of them wait no longer than it takes',
  ),
  compactionIntervalMs: setting(
    'PENSTOCK_COMPACTION_INTERVAL_MS',
    wholeNumber(50, 600_000),
    5000,
    'how often compaction looks for something to do',
  ),
  mergeBytesMax: setting(
    'PENSTOCK_MERGE_BYTES_MAX',
    wholeNumber(mebibyte, 1024 * mebibyte),
    32 * mebibyte,
    'uncompressed bytes of events that compaction merges at once (up to eight times as much memory)',
  ),
  uploadsMax: setting('PENSTOCK_UPLOADS_MAX', wholeNumber(1, 64), 4, 'files that one run uploads at once'),
  connectionTestsMax: setting(
    'PENSTOCK_CONNECTION_TESTS_MAX',
    wholeNumber(1, 1000),
    16,
    'connection tests that the API runs at once; one more is answered 429',
  ),
  connectionTestsPerProjectMax: setting(
    'PENSTOCK_CONNECTION_TESTS_PER_PROJECT_MAX',
    wholeNumber(1, 1000),
    2,
    'of these, those of one project',
  ),
  verificationsMax: setting(
    'PENSTOCK_VERIFICATIONS_MAX',
    wholeNumber(1, 1000),
    4,
    'folders that the API verifies at once; one more is answered 429',
  ),
  verificationsPerProjectMax: setting(
    'PENSTOCK_VERIFICATIONS_PER_PROJECT_MAX',
    wholeNumber(1, 1000),
    2,
    'of these, those of one project',
  ),
  eventStreamsMax: setting(
    'PENSTOCK_EVENT_STREAMS_MAX',
    wholeNumber(1, 100_000),
    1000,
    'streams of server-sent events that the API keeps open at once; one more is answered 429',
  ),
  eventStreamsPerProjectMax: setting(
    'PENSTOCK_EVENT_STREAMS_PER_PROJECT_MAX',
    wholeNumber(1, 100_000),
    50,
    'of these, those of one project',
  ),
  searchBytesMax: setting(
    'PENSTOCK_SEARCH_BYTES_MAX',
    wholeNumber(mebibyte, 1024 * 1024 * mebibyte),
    256 * mebibyte,
    'uncompressed bytes of events that one search opens before it says how far it came',
  ),
  searchesMax: setting(
    'PENSTOCK_SEARCHES_MAX',
    wholeNumber(1, 256),
    2,
    'projects whose events are searched at once, one search each; others wait',
  ),
  s3PathStyle: setting(
    'PENSTOCK_S3_PATH_STYLE',
    flag,
    false,
    'true for S3-compatible destinations that want the bucket in the path',
  ),
  plainHttpEndpoints: setting(
    'PENSTOCK_ALLOW_PLAIN_HTTP_ENDPOINTS',
    flag,
    false,
    'true lets AWS endpoints beyond loopback be http://',
  ),
  awsPrincipalArn: setting(
    'PENSTOCK_AWS_PRINCIPAL_ARN',
    principalArn,
    undefined,
    'the principal that customers trust; without it STS is asked who this process is',
  ),
  trustCheck: setting(
    'PENSTOCK_TRUST_CHECK',
    z.enum(['warn', 'refuse'], { error: 'must be warn or refuse' }),
    'warn',
    'what is done about roles that can be assumed without the external ID',
  ),
  assumeRoleSessionSeconds: setting(
    'PENSTOCK_ASSUME_ROLE_SESSION_SECONDS',
    wholeNumber(900, 43_200),
    3600,
    "length of a session of a customer's role",
  ),
  backfillMonthsMax: setting(
    'PENSTOCK_BACKFILL_MONTHS_MAX',
    wholeNumber(0, 1200),
    6,
    'how far back from_date may lie',
  ),
  pipelinesRecurringMax: setting(
    'PENSTOCK_PIPELINES_RECURRING_MAX',
    wholeNumber(0, 10_000),
    2,
    'pipelines without to_date that a project may have',
  ),
  pipelinesDatedMax: setting(
    'PENSTOCK_PIPELINES_DATED_MAX',
    wholeNumber(0, 10_000),
    1,
    'pipelines with to_date that a project may have',
  ),
  runsMax: setting('PENSTOCK_RUNS_MAX', wholeNumber(1, 256), 4, 'runs that one worker works at once'),
  runsPerProjectMax: setting(
    'PENSTOCK_RUNS_PER_PROJECT_MAX',
    wholeNumber(1, 256),
    2,
    'of them, runs of one project at once',
  ),
  projectRunsMax: setting(
    'PENSTOCK_PROJECT_RUNS_MAX',
    wholeNumber(1, 10_000),
    16,
    'runs of one project that all workers together work at once',
  ),
  runLeaseSeconds: setting(
    'PENSTOCK_RUN_LEASE_SECONDS',
    wholeNumber(2, 3600),
    30,
    'silence of a worker after which its run goes to another worker',
  ),
  runAttemptsMax: setting(
    'PENSTOCK_RUN_ATTEMPTS_MAX',
    wholeNumber(1, 1000),
    100,
    'attempts at a run that fails outside (throttled, 5xx, cut) before it is failed',
  ),
  runMinutesMax: setting(
    'PENSTOCK_RUN_MINUTES_MAX',
    wholeNumber(1, 10_080),
    720,
    'length of one attempt at a run, after which it is timed out',
  ),
  runRetryBaseMs: setting(
    'PENSTOCK_RUN_RETRY_BASE_MS',
    wholeNumber(1, 3_600_000),
    2000,
    'longest wait before the second attempt; it doubles with each attempt, with full jitter, up to 15 minutes',
  ),
  refusalsMax: setting(
    'PENSTOCK_REFUSALS_MAX',
    wholeNumber(1, 1000),
    3,
    'runs refused in a row by the destination after which a pipeline is paused',
  ),
  rawExportsPerHourMax: setting(
    'PENSTOCK_RAW_EXPORTS_PER_HOUR_MAX',
    wholeNumber(1, 1_000_000),
    60,
    'queries of the Raw Export API that one project may make in an hour; past it 429',
  ),
  rawExportsPerSecondMax: setting(
    'PENSTOCK_RAW_EXPORTS_PER_SECOND_MAX',
    wholeNumber(1, 1_000_000),
    3,
    'of them, in a second; past it 429',
  ),
  rawExportsMax: setting(
    'PENSTOCK_RAW_EXPORTS_MAX',
    wholeNumber(1, 1_000_000),
    100,
    'of them, at once; past it 429',
  ),
  rawExportStallSeconds: setting(
    'PENSTOCK_RAW_EXPORT_STALL_SECONDS',
    wholeNumber(1, 3600),
    120,
    'how long a client of the Raw Export API may take nothing before it is cut off',
  ),
  rawExportMinutesMax: setting(
    'PENSTOCK_RAW_EXPORT_MINUTES_MAX',
    wholeNumber(1, 10_080),
    720,
    'how long one of its answers may take in all',
  ),
  rawExportsPlannedMax: setting(
    'PENSTOCK_RAW_EXPORTS_PLANNED_MAX',
    wholeNumber(1, 256),
    2,
    "projects for which it finds a day's duplicates at once, each with PENSTOCK_DEDUP_KEYS_IN_MEMORY_MAX",
  ),
  schedulerIntervalMs: setting(
    'PENSTOCK_SCHEDULER_INTERVAL_MS',
    wholeNumber(50, 600_000),
    5000,
    'how often due runs are planned and lost ones found',
  ),
  runPollMs: setting(
    'PENSTOCK_RUN_POLL_MS',
    wholeNumber(10, 60_000),
    500,
    'how long a worker leaves an empty job queue alone: a new run starts within it',
  ),
  syncIntervalSeconds: setting(
    'PENSTOCK_SYNC_INTERVAL_SECONDS',
    wholeNumber(1, 86_400),
    3600,
    'how often late events are looked for, at whole multiples of it: an hour looks on the hour',
  ),
  syncDaysMax: setting(
    'PENSTOCK_SYNC_DAYS_MAX',
    wholeNumber(0, 3660),
    10,
    'how many days back late events reach folders that are exported already',
  ),
  consoleSessionMinutes: setting(
    'PENSTOCK_CONSOLE_SESSION_MINUTES',
    wholeNumber(1, 43_200),
    720,
    'how long a session of the console lasts after its last call',
  ),
  consoleSignInsPerMinuteMax: setting(
    'PENSTOCK_CONSOLE_SIGN_INS_PER_MINUTE_MAX',
    wholeNumber(1, 1_000_000),
    20,
    'attempts to sign in at the console from one address in a minute; past it 429',
  ),
  webhookUrl: setting(
    'PENSTOCK_WEBHOOK_URL',
    httpUrl,
    undefined,
    'where pipelines that are late or held are told of; without it nowhere',
  ),
  webhookSecret: setting(
    'PENSTOCK_WEBHOOK_SECRET',
    z.string().min(1),
    undefined,
    'what its calls are signed with: whsec_ and base64, or several of them with spaces between',
  ),
  webhookSecretFile: setting(
    'PENSTOCK_WEBHOOK_SECRET_FILE',
    z.string().min(1),
    undefined,
    'file that has the same, instead of the environment',
  ),
  webhookRetryHoursMax: setting(
    'PENSTOCK_WEBHOOK_RETRY_HOURS_MAX',
    wholeNumber(1, 720),
    72,
    'how long a notification that the webhook does not take is sent again, at growing intervals, before it is given up',
  ),
  lateAfterMinutes: setting(
    'PENSTOCK_LATE_AFTER_MINUTES',
    wholeNumber(1, 10_080),
    60,
    'how long after it is due a folder that is not exported counts as late',
  ),
  shutdownSeconds: setting(
    'PENSTOCK_SHUTDOWN_SECONDS',
    wholeNumber(0, 3600),
    25,
    'how long SIGTERM waits for requests in flight',
  ),
} as const satisfies Record<string, Setting>

export type Config = {
  readonly [Name in keyof typeof settings]: (typeof settings)[Name]['default'] extends undefined
    ? z.output<(typeof settings)[Name]['schema']> | undefined
    : z.output<(typeof settings)[Name]['schema']>
}
