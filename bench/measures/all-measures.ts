import type { Measure } from '../harness/measure.ts'
import { codecs } from './codecs.ts'
import { exportDuplicates } from './export-duplicates.ts'
import { exportGrowth } from './export-growth.ts'
import { exportStoreS3 } from './export-store-s3.ts'
import { exportTransform } from './export-transform.ts'
import { exportUpload } from './export-upload.ts'
import { importLatency } from './import-latency.ts'
import { importThroughput } from './import-throughput.ts'
import { keyPlanning } from './key-planning.ts'
import { lateSync } from './late-sync.ts'
import { overload } from './overload.ts'
import { scatteredImport } from './scattered-import.ts'
import { severalProcesses } from './several-processes.ts'

/** In the order in which they run. */
export const allMeasures: readonly Measure[] = [
  ...importThroughput,
  ...importLatency,
  ...overload,
  ...exportUpload,
  ...exportStoreS3,
  ...exportTransform,
  ...exportGrowth,
  ...exportDuplicates,
  ...keyPlanning,
  ...lateSync,
  ...scatteredImport,
  ...severalProcesses,
  ...codecs,
]
