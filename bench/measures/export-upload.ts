/**
 * The export of a day against the bare upload of the same bytes from disk: `rclone copy` and `aws s3 cp`.
 *
 * Ours: a run from its claim to its success, in a worker that is up. Theirs: the program from its start to its end.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { runBaseline } from '../baselines/checked-baseline.ts'
import { folderUploader } from '../baselines/upload-folder.ts'
import { atLeast, beside } from '../harness/aim.ts'
import { alternate, timesFaster } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result } from '../harness/measure.ts'
import type { Pairs } from '../harness/pairs.ts'
import { exportDay } from '../product/export-day.ts'
import type { Exporter } from '../product/exporter.ts'
import type { FilledDay } from '../product/filled-day.ts'
import { dayNote, largeDay } from './days.ts'

export const exportUpload: Measure[] = [
  { name: 'export-rclone', run: (bench) => measure(bench, 'rclone', bench.sizes.uploadPairs) },
  { name: 'export-aws', run: (bench) => measure(bench, 'aws', bench.sizes.dearPairs) },
]

const aims = { rclone: atLeast(0.95), aws: beside('rclone') }

async function measure(bench: Bench, tool: 'rclone' | 'aws', pairs: Pairs): Promise<Result[]> {
  const name = `export-${tool}`
  const upload = await folderUploader(bench, tool)
  const filled = await bench.filledDay(largeDay(bench.sizes))
  const { account } = filled.project
  const expected = filled.day.expected()
  const exporter = await (await bench.house()).startExporter()
  try {
    const { files, bytes } = await takeFiles(bench, exporter, filled)
    const result = await alternate({
      ...{ name, unit: 's', aim: aims[tool], pairs, ratio: timesFaster },
      ours: () => exportDay(bench, exporter, filled),
      baseline:
        'missing' in upload
          ? upload
          : () =>
              runBaseline(bench, {
                ...{ subject: tool, account, expected },
                write: (prefix) => upload(files, account, prefix),
              }),
      notes: [await dayNote(bench, expected.lines, bytes)],
    })
    return [result]
  } finally {
    await exporter.stop()
  }
}

/** An export's own files on the local disk: the bytes that the baseline uploads. */
async function takeFiles(
  bench: Bench,
  exporter: Exporter,
  filled: FilledDay,
): Promise<{ files: string; bytes: number }> {
  const files = join(bench.folder, `files-of-${filled.project.id}`)
  await mkdir(files, { recursive: true })
  const { bucket } = filled.project.account
  const { bytes } = await exportDay(bench, exporter, filled, {}, async (folder) => {
    for (const { key } of await bucket.list(folder)) {
      if (key.endsWith('.json.gz'))
        await writeFile(join(files, basename(key)), (await bucket.read(key)).bytes)
    }
  })
  return { files, bytes }
}
