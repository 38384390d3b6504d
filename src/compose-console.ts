import type { Config } from './config/settings.ts'
import type { PipelineDeps } from './http/pipelines/pipeline-app.ts'
import { createTurns } from './take-turns.ts'
import { type DescribeEventsDeps, describeEvents } from './workflows/describe-events.ts'
import { sampleArrivals } from './workflows/sample-arrivals.ts'
import { type SearchEventsDeps, searchEvents } from './workflows/search-events.ts'
import { boundVerification, type VerifyOneFolder } from './workflows/verify-one-folder.ts'
import type { VerifyDeps } from './workflows/verify-pipeline.ts'

/** Verification of single folders, for whoever asks the API for it. */
export function composeVerifyFolder(
  config: Config,
  given: Pick<VerifyDeps, 'db' | 'store' | 'destinations' | 'run' | 'readProfiles' | 'spoolFolder'>,
): VerifyOneFolder {
  const { partSizeBytes, fileSizeBytes, dedupKeysInMemoryMax } = config
  return boundVerification(
    { ...given, partSizeBytes, fileSizeBytes, dedupKeysInMemoryMax },
    { perProjectMax: config.verificationsPerProjectMax, inAllMax: config.verificationsMax },
  )
}

/** Searches of stored events, a bounded number at once. */
export function composeSearch(
  config: Config,
  given: Pick<SearchEventsDeps, 'store' | 'run' | 'readProfiles'>,
): Pick<PipelineDeps, 'searchEvents' | 'describeEvents' | 'readSample'> {
  const turns: DescribeEventsDeps['turns'] = createTurns(config.searchesMax)
  const deps = { ...given, turns, bytesMax: config.searchBytesMax }
  return {
    searchEvents: (search, signal) => searchEvents(deps, search, signal),
    readSample: (members) => sampleArrivals(given, members),
    describeEvents: (window, timeZone, signal) => describeEvents(deps, window, timeZone, signal),
  }
}
