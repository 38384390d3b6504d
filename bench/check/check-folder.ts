/** Reads back what was written below a prefix and holds it against what must be there. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BucketObject, BucketReader } from '../../test/support/bucket-reader.ts'
import type { BenchThreads } from '../threads/pool.ts'
import { expectSameLines, type Fingerprint, fingerprintOf } from './fingerprint.ts'
import { WrongResult } from './wrong-result.ts'

interface FolderToCheck {
  /** Whose result it is. */
  subject: string
  bucket: BucketReader
  /** Ends in `/`. */
  folder: string
  expected: Fingerprint
  /** Whether `complete` must be there, and nothing but data files beside it. */
  complete: boolean
}

export type CheckFolder = (folder: FolderToCheck) => Promise<void>

/**
 * Every line of every file is looked at. Files that were looked at before are told by their ETags, the MD5 of their
 * bytes, and are not read again.
 */
export function createFolderCheck(scratch: string, threads: BenchThreads): CheckFolder {
  const looked = new Map<string, Fingerprint>()
  return async ({ subject, bucket, folder, expected, complete }) => {
    const objects = await bucket.list(folder)
    const files = objects.filter(({ key }) => key.endsWith('.json.gz'))
    if (complete) expectComplete(subject, folder, objects, files)
    const etags = files
      .map(({ etag }) => etag)
      .sort()
      .join()
    const found = looked.get(etags) ?? (await readFolder(bucket, files, scratch, threads))
    looked.set(etags, found)
    expectSameLines(subject, found, expected)
  }
}

function expectComplete(
  subject: string,
  folder: string,
  objects: BucketObject[],
  files: BucketObject[],
): void {
  const others = objects.filter((object) => !files.includes(object)).map(({ key }) => key)
  if (others.join() !== `${folder}complete`) {
    throw new WrongResult(
      `${subject}: beside its data files stand ${JSON.stringify(others)}, not \`complete\` alone`,
    )
  }
}

/** One file is on the disk at a time, so that a large day needs no room. */
async function readFolder(
  bucket: BucketReader,
  files: BucketObject[],
  scratch: string,
  threads: BenchThreads,
): Promise<Fingerprint> {
  const folder = await mkdtemp(join(scratch, 'check-'))
  const hashes: Promise<Uint8Array>[] = []
  try {
    for (const [index, { key }] of files.entries()) {
      const file = join(folder, String(index))
      await writeFile(file, (await bucket.read(key)).bytes)
      hashes.push(threads.hashLines(file).finally(() => rm(file)))
      // Two ahead keep the threads busy.
      await hashes.at(-2)
    }
    return fingerprintOf(await Promise.all(hashes))
  } finally {
    await Promise.allSettled(hashes)
    await rm(folder, { recursive: true, force: true })
  }
}
