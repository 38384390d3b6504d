/**
 * The export of a day against the bare upload of the same bytes from disk: `rclone copy` and `aws s3 cp`.
 *
 * Ours: a run from its claim to its success, in a worker that is up. Theirs: the program from its start to its end.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Uploader, uploaders } from '../baselines/uploaders.ts'
import { alternate, timesFaster, withoutBaseline } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { runProgram } from '../harness/process-usage.ts'
import { exportDay } from '../product/export-day.ts'
import type { Exporter } from '../product/exporter.ts'
import type { FilledDay } from '../product/filled-day.ts'
import { largeDay } from './days.ts'

export const exportUpload: Measure[] = [
  { name: 'export-rclone', run: (bench) => measure(bench, 'rclone', bench.sizes.uploadPairs) },
  { name: 'export-aws', run: (bench) => measure(bench, 'aws', bench.sizes.pairs) },
]

const aims = { rclone: '≥ 0.95', aws: 'none: it stands beside rclone' } as const

async function measure(bench: Bench, name: 'rclone' | 'aws', pairs: number): Promise<Result[]> {
  const title = `export-${name}`
  const tool = await bench.tool(name)
  if ('missing' in tool) return [withoutBaseline(title, aims[name], tool.missing)]
  const { server } = await bench.place()
  const filled = await bench.filledDay(largeDay(bench.sizes))
  const exporter = await (await bench.house()).startExporter()
  try {
    const { files, bytes } = await takeFiles(bench, exporter, filled)
    const upload = uploaders[name](tool.path)
    const result = await alternate({
      ...{ name: title, unit: 's', aim: aims[name], pairs, ratio: timesFaster },
      ours: () => exportDay(bench, exporter, filled),
      baseline: () => uploadFiles(bench, filled, upload, files),
      notes: [
        `${filled.day.expected().lines.toLocaleString('en')} events, ${Math.round(bytes / 1e6)} MB to the ${server}`,
      ],
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

/** One upload, timed, read back, and cleared away. */
async function uploadFiles(
  bench: Bench,
  { day, project }: FilledDay,
  upload: Uploader,
  files: string,
): Promise<Sample> {
  const { account } = project
  const folder = `${account.prefix}/uploaded/`
  const { program, args, env } = await upload(files, account.access, folder, bench.folder)
  const { seconds, ...usage } = await runProgram(program, args, { env })
  await bench.checkFolder({
    ...{ subject: program, bucket: account.bucket, folder },
    ...{ expected: day.expected(), complete: false },
  })
  await account.bucket.removeAll(folder)
  await (await bench.place()).settle()
  return { ...usage, value: seconds }
}
