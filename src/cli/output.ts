/** What every command does with its result: one JSON document, or words for people. */

export interface OutputOptions {
  json?: boolean
}

/** Standard output carries the result and nothing else; messages go to standard error. */
export function printResult(options: OutputOptions, document: unknown, words: string): void {
  console.log(options.json === true ? JSON.stringify(document) : words)
}

/** Columns of a table, as wide as their widest cell. */
export function formatTable(header: string[], rows: string[][]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [header, ...rows].map(line).join('\n')
}
