/** DuckDB copies lines from many gzip files to gzip files, one a thread, on all cores: the form of it that was fastest. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finished, runProgram } from '../harness/process-usage.ts'

const program = join(import.meta.dirname, '../tools/duckdb-process.ts')

/**
 * @param condition SQL over `json`; undefined: every line
 */
export async function duckdbCopy(
  files: readonly string[],
  into: string,
  condition: string | undefined,
): Promise<Finished> {
  await rm(into, { recursive: true, force: true })
  await mkdir(into, { recursive: true })
  const list = `[${files.map((file) => `'${file}'`).join()}]`
  const where = condition === undefined ? '' : `where ${condition}`
  const statements = [
    'set preserve_insertion_order = false',
    `copy (select json from ${lines(list)} ${where}) to '${into}' (${writeRaw}, compression gzip, per_thread_output true, file_extension 'json.gz', overwrite_or_ignore true)`,
  ]
  return await runProgram(process.execPath, [program, JSON.stringify(statements)])
}

/** Without quotes, and with a delimiter that no JSON holds, a line of CSV is the line as it is. */
const raw = String.raw`header false, quote '', escape '', delimiter E'\x01'`
const writeRaw = `format csv, ${raw}`

/**
 * A line a row, as `json`. Takes a line for what it is, which is less work than `read_ndjson_objects` has, and no more
 * where conditions look into it.
 */
function lines(list: string): string {
  return `read_csv(${list}, columns = {'json': 'VARCHAR'}, auto_detect = false, header = false, quote = '', escape = '', delim = E'\\x01', max_line_size = 2000000)`
}
