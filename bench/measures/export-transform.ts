/**
 * The export of a day, or of some of it, against programs that read the events as they were sent, from gzip files on the
 * local disk, and write and upload what is asked for.
 *
 * Ours: a run from its claim to its success. Theirs: the program that makes the files, and then the upload of these.
 */
import { join } from 'node:path'
import { runBaseline, together } from '../baselines/checked-baseline.ts'
import { duckdbCopy } from '../baselines/duckdb-copy.ts'
import { jqPipeline } from '../baselines/jq-pipeline.ts'
import { folderUploader, type UploadFolder } from '../baselines/upload-folder.ts'
import type { Selection } from '../generator/event-set.ts'
import { openEventSet } from '../generator/event-sets.ts'
import { type Aim, atLeast } from '../harness/aim.ts'
import { alternate, timesFaster } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result } from '../harness/measure.ts'
import type { Pairs } from '../harness/pairs.ts'
import type { Finished } from '../harness/process-usage.ts'
import { exportDay } from '../product/export-day.ts'
import type { FilledDay } from '../product/filled-day.ts'
import type { Missing } from '../tools/missing.ts'
import { dayNote, largeDay } from './days.ts'

export const exportTransform: Measure[] = [
  { name: 'export-jq', run: againstJq },
  {
    name: 'export-duckdb',
    run: (bench) => againstDuckDb(bench, { name: 'export-duckdb', aim: atLeast(15), selection: {} }),
  },
  { name: 'export-names', run: (bench) => namesDuckDb(bench, 'export-names', false) },
  { name: 'export-names-merged', run: (bench) => namesDuckDb(bench, 'export-names-merged', true) },
  { name: 'export-where', run: (bench) => whereDuckDb(bench, 'export-where', 'text') },
  { name: 'export-where-number', run: (bench) => whereDuckDb(bench, 'export-where-number', 'number') },
]

function namesDuckDb(bench: Bench, name: string, isCompacted: boolean): Promise<Result[]> {
  const events = openEventSet(largeDay(bench.sizes).set).selectedNames
  const condition = events.map((each) => `starts_with(json, '{"event":"${each}",')`).join(' or ')
  return againstDuckDb(bench, { name, aim: atLeast(10), selection: { events }, isCompacted, condition })
}

function whereDuckDb(bench: Bench, name: string, kind: 'text' | 'number'): Promise<Result[]> {
  const { where, sql: condition } = openEventSet(largeDay(bench.sizes).set).conditions[kind]
  return againstDuckDb(bench, { name, aim: atLeast(2), selection: { where }, condition })
}

async function againstJq(bench: Bench): Promise<Result[]> {
  const write = await jqWriter(bench)
  const pairs = bench.sizes.dearPairs
  return await compare(bench, {
    name: 'export-jq',
    aim: atLeast(40),
    selection: {},
    subject: 'jq',
    pairs,
    write,
  })
}

async function jqWriter(bench: Bench): Promise<WriteFolder | Missing> {
  const [jq, aws] = [await bench.tool('jq'), await bench.tool('aws')]
  if ('missing' in jq) return jq
  if ('missing' in aws) return aws
  const tools = { jq: jq.path, aws: aws.path }
  return ({ day, project }, prefix) => jqPipeline(tools, day.files, project.account, prefix, bench.folder)
}

interface DuckDbComparison {
  name: string
  aim: Aim
  selection: Selection
  isCompacted?: boolean
  /** The selection as DuckDB has it, in its fastest form. */
  condition?: string
}

async function againstDuckDb(bench: Bench, comparison: DuckDbComparison): Promise<Result[]> {
  const { condition, ...labels } = comparison
  const missing = await bench.packagesMissing()
  const upload: UploadFolder | Missing =
    missing === undefined ? await folderUploader(bench, 'rclone') : { missing }
  const scratch = join(bench.folder, 'duckdb')
  const write: WriteFolder | Missing =
    'missing' in upload
      ? upload
      : async ({ day, project }, prefix) =>
          together(
            await duckdbCopy(day.files, scratch, condition),
            await upload(scratch, project.account, prefix),
          )
  // All of the day's lines take it a minute.
  const pairs = condition === undefined ? bench.sizes.dearPairs : bench.sizes.pairs
  return await compare(bench, { ...labels, pairs, subject: 'DuckDB', write })
}

/** Writes the files that a program makes of a day under a prefix. */
type WriteFolder = (filled: FilledDay, prefix: string) => Promise<Finished>

interface TransformComparison {
  name: string
  aim: Aim
  selection: Selection
  /** Whether what ingest wrote has been merged. */
  isCompacted?: boolean
  /** Whose files they are. */
  subject: string
  pairs: Pairs
  write: WriteFolder | Missing
}

async function compare(
  bench: Bench,
  { name, aim, selection, isCompacted = false, subject, pairs, write }: TransformComparison,
): Promise<Result[]> {
  const spec = largeDay(bench.sizes)
  const filled = isCompacted ? await bench.compactedDay(spec) : await bench.filledDay(spec)
  const { account } = filled.project
  const expected = filled.day.expected(selection)
  const exporter = await filled.house.startExporter()
  try {
    const { bytes } = await exportDay(bench, exporter, filled, selection)
    const result = await alternate({
      ...{ name, unit: 's', aim, pairs, ratio: timesFaster },
      ours: () => exportDay(bench, exporter, filled, selection),
      baseline:
        'missing' in write
          ? write
          : () =>
              runBaseline(bench, { subject, account, expected, write: (prefix) => write(filled, prefix) }),
      notes: [await dayNote(bench, expected.lines, bytes)],
    })
    return [result]
  } finally {
    await exporter.stop()
  }
}
