import type { BucketObject } from './read-bucket.ts'
import { readLines } from './read-lines.ts'

/** A table of a bucket's objects: key, bytes, events, encryption. */
export function listing(objects: BucketObject[]): string {
  const rows = objects.map((object) => [
    object.key,
    String(object.body.length),
    String(readLines(object)?.length ?? '-'),
    object.encryption ?? 'none',
  ])
  return formatRows([['KEY', 'BYTES', 'EVENTS', 'ENCRYPTION'], ...rows])
}

const isNumber = [false, true, true, false]

function formatRows(rows: string[][]): string {
  const widths = isNumber.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const format = (cell: string, column: number): string =>
    isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
  return rows.map((row) => row.map(format).join('  ').trimEnd()).join('\n')
}
