/** Looks at the files before anything is sent: a misspelt name is told at once, not after an hour. */
import { constants, type Stats } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { fileUnreadable, rejectsUnwritable } from './import-errors.ts'
import { standardInput } from './open-source.ts'

/** Bytes of all the files together; undefined where one does not tell, as a pipe. */
export async function surveyFiles(
  files: readonly string[],
  rejectsFile: string | undefined,
): Promise<number | undefined> {
  const rejectsAt = rejectsFile === undefined ? undefined : await stat(rejectsFile).catch(() => undefined)
  let bytes: number | undefined = 0
  for (const file of files) {
    const found = file === standardInput ? undefined : await look(file)
    if (found !== undefined && rejectsAt !== undefined && isSame(found, rejectsAt)) {
      throw rejectsUnwritable(rejectsFile ?? '', `it is ${file}, which is to be imported`)
    }
    bytes = bytes === undefined || !found?.isFile() ? undefined : bytes + found.size
  }
  return bytes
}

async function look(file: string): Promise<Stats> {
  try {
    await access(file, constants.R_OK)
    const found = await stat(file)
    if (found.isDirectory()) throw new Error('it is a folder; name the files in it')
    return found
  } catch (cause) {
    throw fileUnreadable(file, cause)
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino
}
