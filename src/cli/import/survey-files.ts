/** Looks at the files before anything is sent: a misspelt name is told at once, not after an hour. */
import { constants, type Stats } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileUnreadable, rejectsUnwritable } from './import-errors.ts'
import { standardInput } from './open-source.ts'
import { isStoredObject, type StoredObjects } from './stored-objects.ts'

export interface Survey {
  /** What is to be read, in its order: folders and prefixes stand for what is in them. */
  files: string[]
  /** Of all of them together; undefined where one does not tell, as a pipe. */
  bytes: number | undefined
}

interface Found {
  file: string
  bytes: number | undefined
}

/** @throws PenstockError IMPORT_FILE_UNREADABLE, IMPORT_REJECTS_UNWRITABLE */
export async function surveyFiles(
  named: readonly string[],
  rejectsFile: string | undefined,
  objects: StoredObjects,
): Promise<Survey> {
  const rejectsAt = rejectsFile === undefined ? undefined : await stat(rejectsFile).catch(() => undefined)
  const all: Found[] = []
  for (const name of named) {
    try {
      for await (const found of look(name, objects)) {
        if ('stats' in found && rejectsAt !== undefined && isSame(found.stats, rejectsAt)) {
          throw rejectsUnwritable(rejectsFile ?? '', `it is ${found.file}, which is to be imported`)
        }
        all.push(found)
      }
    } catch (cause) {
      throw isRejects(cause) ? cause : fileUnreadable(name, cause)
    }
  }
  const bytes = all.reduce<number | undefined>(
    (sum, found) => (sum === undefined || found.bytes === undefined ? undefined : sum + found.bytes),
    0,
  )
  return { files: all.map(({ file }) => file), bytes }
}

async function* look(
  name: string,
  objects: StoredObjects,
): AsyncGenerator<Found | (Found & { stats: Stats })> {
  if (name === standardInput) yield { file: name, bytes: undefined }
  else if (isStoredObject(name)) {
    for (const { url, bytes } of await objects.find(name)) yield { file: url, bytes }
  } else yield* lookAtPath(name, true)
}

async function* lookAtPath(path: string, isNamed: boolean): AsyncGenerator<Found & { stats: Stats }> {
  await access(path, constants.R_OK)
  const stats = await stat(path)
  if (stats.isDirectory()) {
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort()
    for (const name of names) yield* lookAtPath(join(path, name), false)
    // In a folder only files count: a pipe that nobody writes to would be waited for, for ever.
  } else if (isNamed || stats.isFile()) {
    yield { file: path, bytes: stats.isFile() ? stats.size : undefined, stats }
  }
}

function isRejects(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'IMPORT_REJECTS_UNWRITABLE'
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino
}
