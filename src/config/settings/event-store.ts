/** What becomes of stored events: members, compaction, retention. */
import { mebibyte, type Setting, setting, wholeNumber } from './setting.ts'

export const eventStore = {
  partSizeBytes: setting(
    'PENSTOCK_PART_SIZE_BYTES',
    wholeNumber(1024, 64 * mebibyte),
    2 * mebibyte,
    'uncompressed bytes of a full member, the part that an export copies whole',
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
} as const satisfies Record<string, Setting>
