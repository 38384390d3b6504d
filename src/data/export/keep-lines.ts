const newline = 0x0a

/** Whether a line is wanted: from `start` up to `end`, its newline included; `line` counts from 0. */
export type LineTest = (start: number, end: number, line: number) => boolean

/** The lines that pass every test, moved together to the front of the memory that they are in, which is overwritten. */
export function keepLines(lines: Buffer, tests: readonly LineTest[]): { lines: Buffer; count: number } {
  let keptEnd = 0
  let count = 0
  // Neighbours that are kept are moved together.
  let runStart = 0
  let line = 0
  for (let start = 0; start < lines.length; line++) {
    const end = lines.indexOf(newline, start) + 1
    if (passes(tests, start, end, line)) count += 1
    else {
      keptEnd = move(lines, keptEnd, runStart, start)
      runStart = end
    }
    start = end
  }
  keptEnd = move(lines, keptEnd, runStart, lines.length)
  return { lines: lines.subarray(0, keptEnd), count }
}

function passes(tests: readonly LineTest[], start: number, end: number, line: number): boolean {
  for (const test of tests) if (!test(start, end, line)) return false
  return true
}

/** Lines stay where they are or go to the front, so what a test has yet to look at is as it was. */
function move(lines: Buffer, to: number, start: number, end: number): number {
  if (to !== start) lines.copyWithin(to, start, end)
  return to + end - start
}
