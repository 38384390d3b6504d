/** Runs an import as a test wants it: no real waiting, files in a folder of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  type ImportDeps,
  type ImportOptions,
  type ImportResult,
  importFiles,
} from '../../src/cli/import/import-files.ts'
import { createStoredObjects } from '../../src/cli/import/stored-objects.ts'

export type RunOptions = Pick<ImportOptions, 'files' | 'url'> & Partial<ImportOptions>

export const testSecret = '0123456789abcdef0123456789abcdef'

export function runImport(options: RunOptions, deps: Partial<ImportDeps> = {}): Promise<ImportResult> {
  return importFiles(
    {
      secret: testSecret,
      parallel: 2,
      retryMsMax: 60_000,
      stop: new AbortController().signal,
      ...options,
    },
    {
      stdin: Readable.from([]),
      objects: createStoredObjects({}),
      clock: { nowMs: () => Date.now() },
      wait: async () => undefined,
      random: () => 0.5,
      ...deps,
    },
  )
}

/** A folder that is gone when the test file is. */
export async function createTestFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-import-'))
  return {
    path: (name: string) => join(folder, name),
    write: async (name: string, content: string | Uint8Array): Promise<string> => {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
