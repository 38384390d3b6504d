/** The real events of `../shared/data`, which lies beside the repository on some machines. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SentEvent } from '../../demo/events.ts'

const program = join(import.meta.dirname, '../../../shared/data/to-events.mjs')
const outputBytesMax = 64 * 1024 * 1024

export const accessLogIsThere = existsSync(program)

/** Four days of a website's access log as import events, one JSON line each; the last day becomes this one. */
export async function readAccessLog(lastDay: string): Promise<{ ndjson: string; events: SentEvent[] }> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--end', lastDay], {
    maxBuffer: outputBytesMax,
  })
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SentEvent)
  return { ndjson: stdout, events }
}
