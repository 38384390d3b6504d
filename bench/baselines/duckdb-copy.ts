/** DuckDB copies lines from many gzip files to gzip files, one a thread, on all cores: the form of it that was fastest. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finished, runProgram } from '../harness/process-usage.ts'

const program = join(import.meta.dirname, '../tools/duckdb-process.ts')

/**
 * @param reader table function that gives a line a row as `json`, from a list of files
 * @param condition SQL over `json`; undefined: every line
 */
export async function duckdbCopy(
  files: readonly string[],
  into: string,
  reader: DuckDbReader,
  condition: string | undefined,
): Promise<Finished> {
  await rm(into, { recursive: true, force: true })
  await mkdir(into, { recursive: true })
  const list = `[${files.map((file) => `'${file}'`).join()}]`
  const where = condition === undefined ? '' : `where ${condition}`
  const statements = [
    'set preserve_insertion_order = false',
    `copy (select json from ${readers[reader](list)} ${where}) to '${into}' (${writeRaw}, compression gzip, per_thread_output true, file_extension 'json.gz', overwrite_or_ignore true)`,
  ]
  return await runProgram(process.execPath, [program, JSON.stringify(statements)])
}

export type DuckDbReader = keyof typeof readers

/** Without quotes, and with a delimiter that no JSON holds, a line of CSV is the line as it is. */
const raw = String.raw`header false, quote '', escape '', delimiter E'\x01'`
const writeRaw = `format csv, ${raw}`

const readers = {
  /** Tells JSON from what is none. */
  json: (list: string) => `read_ndjson_objects(${list})`,
  /** Takes a line for what it is: less work, where nothing of it is looked into. */
  lines: (list: string) =>
    `read_csv(${list}, columns = {'json': 'VARCHAR'}, auto_detect = false, header = false, quote = '', escape = '', delim = E'\\x01', max_line_size = 2000000)`,
} as const
