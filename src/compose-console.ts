import type { Config } from './config/settings.ts'
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
