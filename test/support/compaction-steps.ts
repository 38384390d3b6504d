/** Where a compaction is when it is killed. */
export const compactionSteps = [
  'reading',
  'named',
  'half written',
  'written',
  'swapped',
  'marked',
  'half removed',
  'removed',
] as const

export type CompactionStep = (typeof compactionSteps)[number]

export const compactionPartSizeBytes = 4096
