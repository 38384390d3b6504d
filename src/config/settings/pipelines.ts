/** Pipelines and their runs. */
import { mebibyte, type Setting, setting, wholeNumber } from './setting.ts'

export const pipelines = {
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
  schedulerIntervalMs: setting(
    'PENSTOCK_SCHEDULER_INTERVAL_MS',
    wholeNumber(50, 600_000),
    5000,
    'how often due runs are planned and lost ones found',
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
  runPollMs: setting(
    'PENSTOCK_RUN_POLL_MS',
    wholeNumber(10, 60_000),
    500,
    'how long a worker leaves an empty job queue alone: a new run starts within it',
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
  fileSizeBytes: setting(
    'PENSTOCK_FILE_SIZE_BYTES',
    wholeNumber(1024, 4096 * mebibyte),
    64 * mebibyte,
    'compressed bytes after which an exported file is cut',
  ),
  uploadsMax: setting('PENSTOCK_UPLOADS_MAX', wholeNumber(1, 64), 4, 'files that one run uploads at once'),
  dedupKeysInMemoryMax: setting(
    'PENSTOCK_DEDUP_KEYS_IN_MEMORY_MAX',
    wholeNumber(100_000, 100_000_000),
    1_000_000,
    'dedup keys that an export keeps in memory (about 40 bytes each); those of a larger folder go through the spool',
  ),
} as const satisfies Record<string, Setting>
