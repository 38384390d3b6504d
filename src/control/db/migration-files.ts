import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PenstockError } from '../../errors/penstock-error.ts'

export interface MigrationFile {
  number: number
  /** File name without its ending, as in `0001-projects`. */
  name: string
  sql: string
  checksum: string
  /** Programs whose newest migration is this one or later go on working once it is applied; null: only those that have it. */
  oldestProgram: number | null
}

/** First line of a migration that programs which don't know it yet go on working with. */
const besideForm = /^-- Beside it, programs as of (\d{4}) go on working\.\n/

/**
 * The migrations in a folder, in the order of their numbers.
 * @throws PenstockError `MIGRATION_FILES_INVALID` for a file that isn't `NNNN-name.sql` or a number used twice.
 */
export function readMigrationFiles(folder: string): MigrationFile[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readMigrationFile(folder, name))
  files.forEach((file, index) => {
    const previous = files[index - 1]
    if (previous?.number === file.number) {
      throw invalidFiles(`${previous.name} and ${file.name} have the same number`)
    }
  })
  return files
}

/** The package's own migrations: beside `src` in a clone, beside `dist` in the published package. */
export function migrationsFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'migrations')
    if (existsSync(join(candidate, '0001-projects.sql'))) return candidate
  }
  throw invalidFiles(`no migrations folder above ${import.meta.dirname}; install the package again`)
}

function readMigrationFile(folder: string, fileName: string): MigrationFile {
  const match = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(fileName)
  if (match === null) throw invalidFiles(`${fileName} should be named like 0001-projects.sql`)
  // A checkout on Windows may have other line endings: the same migration all the same.
  const sql = readFileSync(join(folder, fileName), 'utf8').replaceAll('\r\n', '\n')
  return {
    number: Number(match[1]),
    name: fileName.slice(0, -'.sql'.length),
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    oldestProgram: oldestProgram(sql),
  }
}

function oldestProgram(sql: string): number | null {
  const [, number] = besideForm.exec(sql) ?? []
  return number === undefined ? null : Number(number)
}

function invalidFiles(message: string): PenstockError {
  return new PenstockError('invariant', 'MIGRATION_FILES_INVALID', `migrations: ${message}`)
}
