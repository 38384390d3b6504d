import type { Config } from './config/settings.ts'
import type { ProjectApiDeps } from './http/project-api.ts'
import { createTurns } from './take-turns.ts'
import { type ExportRangeDeps, exportRange } from './workflows/export-range.ts'

/** What the Raw Export API needs beside what every API of projects does. */
export function composeRawExport(
  config: Config,
  given: Pick<ExportRangeDeps, 'store' | 'run' | 'readProfiles' | 'spoolFolder'>,
): ProjectApiDeps['rawExport'] {
  const { partSizeBytes, dedupKeysInMemoryMax } = config
  const planning: ExportRangeDeps['planning'] = createTurns(config.rawExportsPlannedMax)
  const deps = { ...given, partSizeBytes, dedupKeysInMemoryMax, planning }
  return {
    exportRange: (range, signal) => exportRange(deps, range, signal),
    limits: {
      perHourMax: config.rawExportsPerHourMax,
      perSecondMax: config.rawExportsPerSecondMax,
      atOnceMax: config.rawExportsMax,
      stallMs: config.rawExportStallSeconds * 1000,
      totalMs: config.rawExportMinutesMax * 60_000,
    },
  }
}
