/** Reading stored events and buckets back: the console, raw exports, searches, verifications, event streams. */
import { z } from 'zod'
import { mebibyte, type Setting, setting, wholeNumber } from './setting.ts'

export const reading = {
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
    'attempts to sign in or to set up at the console from one address in a minute; past it 429',
  ),
  setupToken: setting(
    'PENSTOCK_SETUP_TOKEN',
    z.string().regex(/^[\x21-\x7e]{20,256}$/, {
      error: 'must have 20 to 256 characters without spaces, like what openssl rand -hex 16 prints',
    }),
    undefined,
    'what the console asks for before it makes the first project; without it serve makes one up and prints it while there is no project',
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
} as const satisfies Record<string, Setting>
