/**
 * The export of a day, or of some of it, against programs that read the events as they were sent, from gzip files on the
 * local disk, and write and upload what is asked for.
 *
 * Ours: a run from its claim to its success. Theirs: the program that makes the files, and then the upload of these.
 */
import { join } from 'node:path'
import { runBaseline, together } from '../baselines/checked-baseline.ts'
import { type DuckDbReader, duckdbCopy } from '../baselines/duckdb-copy.ts'
import { jqPipeline } from '../baselines/jq-pipeline.ts'
import { folderUploader, type UploadFolder } from '../baselines/upload-folder.ts'
import { openEventSet } from '../generator/event-sets.ts'
import { alternate, timesFaster, withoutBaseline } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result } from '../harness/measure.ts'
import type { Finished } from '../harness/process-usage.ts'
import { exportDay } from '../product/export-day.ts'
import type { FilledDay } from '../product/filled-day.ts'
import type { Selection } from '../product/house.ts'
import { dayNote, largeDay } from './days.ts'

export const exportTransform: Measure[] = [
  { name: 'export-jq', run: againstJq },
  {
    name: 'export-duckdb',
    run: (bench) =>
      againstDuckDb(bench, { name: 'export-duckdb', aim: '≥ 15', selection: {}, reader: 'lines' }),
  },
  {
    name: 'export-names',
    run: (bench) => {
      const { set } = largeDay(bench.sizes)
      const events = openEventSet(set).selectedNames
      const condition = events.map((name) => `starts_with(json, '{"event":"${name}",')`).join(' or ')
      const reader = 'lines'
      return againstDuckDb(bench, {
        name: 'export-names',
        aim: '≥ 10',
        selection: { events },
        reader,
        condition,
      })
    },
  },
]

async function againstJq(bench: Bench): Promise<Result[]> {
  const [jq, aws] = [await bench.tool('jq'), await bench.tool('aws')]
  const name = 'export-jq'
  const aim = '≥ 40'
  if ('missing' in jq) return [withoutBaseline(name, aim, jq.missing)]
  if ('missing' in aws) return [withoutBaseline(name, aim, aws.missing)]
  return await compare(bench, { name, aim, selection: {}, subject: 'jq' }, ({ day, project }, prefix) =>
    jqPipeline({ jq: jq.path, aws: aws.path }, day.files, project.account, prefix, bench.folder),
  )
}

interface DuckDbComparison {
  name: string
  aim: string
  selection: Selection
  /** What DuckDB reads the files with, in its fastest form for this condition. */
  reader: DuckDbReader
  condition?: string
}

async function againstDuckDb(bench: Bench, comparison: DuckDbComparison): Promise<Result[]> {
  const { name, aim, selection, reader, condition } = comparison
  const missing = await bench.packagesMissing()
  const upload: UploadFolder | { missing: string } =
    missing === undefined ? await folderUploader(bench, 'rclone') : { missing }
  if ('missing' in upload) return [withoutBaseline(name, aim, upload.missing)]
  const scratch = join(bench.folder, 'duckdb')
  return await compare(bench, { name, aim, selection, subject: 'DuckDB' }, async ({ day, project }, prefix) =>
    together(
      await duckdbCopy(day.files, scratch, reader, condition),
      await upload(scratch, project.account, prefix),
    ),
  )
}

interface TransformComparison {
  name: string
  aim: string
  selection: Selection
  /** Whose files they are. */
  subject: string
}

async function compare(
  bench: Bench,
  { name, aim, selection, subject }: TransformComparison,
  write: (filled: FilledDay, prefix: string) => Promise<Finished>,
): Promise<Result[]> {
  const filled = await bench.filledDay(largeDay(bench.sizes))
  const { account } = filled.project
  const expected = filled.day.expected(selection.events)
  const exporter = await (await bench.house()).startExporter()
  try {
    const { bytes } = await exportDay(bench, exporter, filled, selection)
    const result = await alternate({
      ...{ name, unit: 's', aim, pairs: bench.sizes.pairs, ratio: timesFaster },
      ours: () => exportDay(bench, exporter, filled, selection),
      baseline: () =>
        runBaseline(bench, { subject, account, expected, write: (prefix) => write(filled, prefix) }),
      notes: [await dayNote(bench, expected.lines, bytes)],
    })
    return [result]
  } finally {
    await exporter.stop()
  }
}
