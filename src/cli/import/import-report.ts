/** What is said when an import has ended. */
import type { ImportOptions, ImportResult } from './import-files.ts'
import { countOf, formatCount, ratePerSecond } from './progress-text.ts'

type Asked = Pick<ImportOptions, 'files' | 'rejectsFile'>

/** The document of `--json`. */
export function importDocument({ files, rejectsFile }: Asked, result: ImportResult) {
  const { outcome, error, events, imported, refused, brokenFiles } = result
  return {
    outcome,
    files: files.length,
    events,
    imported,
    refused,
    unsent: unsentOf(result),
    rejects_file: rejectsFile ?? null,
    broken_files: brokenFiles.map(({ message }) => message),
    error: error === undefined ? null : { code: error.code, message: error.message },
  }
}

/** The same for people. */
export function importReport(options: Asked, result: ImportResult, passedMs: number): string {
  const { files, rejectsFile } = options
  const { outcome, error, events, imported, refused, brokenFiles, firstRejects } = result
  const lines = [
    `Imported ${formatCount(imported)} of ${countOf(events, 'event')} from ${countOf(files.length, 'file')}, ` +
      `${formatCount(ratePerSecond(imported, passedMs))} a second.`,
  ]
  if (refused > 0) {
    lines.push(`Refused ${countOf(refused, 'event')}:`)
    for (const { file, line, error } of firstRejects) lines.push(`  ${file}:${line}: ${error.message}`)
    lines.push(...refusedLeft(refused - firstRejects.length, rejectsFile))
  }
  lines.push(...brokenFiles.map(({ message }) => `Not read to its end: ${message}`))
  const unsent = unsentOf(result)
  if (unsent > 0) lines.push(`Not sent: ${countOf(unsent, 'event')} that had been read.`)
  if (error !== undefined) lines.push(`Failed: ${error.message}`)
  if (outcome === 'stopped')
    lines.push('Stopped before the end. Run the same command again: no event is kept twice.')
  return lines.join('\n')
}

/** Everything went in. */
export function isComplete({ outcome, refused, brokenFiles }: ImportResult): boolean {
  return outcome === 'finished' && refused === 0 && brokenFiles.length === 0
}

function refusedLeft(more: number, rejectsFile: string | undefined): string[] {
  if (rejectsFile !== undefined) return [`  All of them are in ${rejectsFile}.`]
  return more > 0 ? [`  and ${countOf(more, 'event')} more; --rejects FILE writes down all of them`] : []
}

function unsentOf({ events, imported, refused }: ImportResult): number {
  return events - imported - refused
}
