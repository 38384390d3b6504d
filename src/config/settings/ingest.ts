/** Taking events in: how much at once, how much for each project, and when it is committed. */
import { mebibyte, type Setting, setting, wholeNumber } from './setting.ts'

const quotaSetting = (env: string, meaning: string) =>
  setting(
    env,
    wholeNumber(0, Number.MAX_SAFE_INTEGER - 1),
    undefined,
    `${meaning}; past it 429; without it there is no bound; \`penstock project edit\` says otherwise for one project`,
  )

export const ingest = {
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
} as const satisfies Record<string, Setting>
