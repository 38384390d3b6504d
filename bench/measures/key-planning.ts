/**
 * Looking through the keys of a large folder for duplicates against reading the same bytes once, from the first to the last.
 *
 * Ours: from the list of members to the list of lines that lose, in a process of its own. `key-planning` has both read from
 * the disk, as a worker does that exports a day. `key-planning-cached` has the bytes in the system's memory, where reading
 * them is next to nothing: what it shows is the CPU that looking through them takes.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { dedupRecordBytes } from '../../src/data/store/segment-format.ts'
import { readFiles } from '../baselines/read-files.ts'
import { WrongResult } from '../check/wrong-result.ts'
import { type KeySegments, keyFiles, repeats } from '../generator/key-segments.ts'
import { type Aim, atMost, beside } from '../harness/aim.ts'
import { alternate } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { planKeys } from '../product/plan-keys.ts'
import { forgetFiles } from '../tools/forget-files.ts'

export const keyPlanning: Measure[] = [{ name: 'key-planning', run: measure }]

async function measure(bench: Bench): Promise<Result[]> {
  const segments = { folder: join(bench.folder, 'keys'), lines: bench.sizes.keyLines }
  await mkdir(segments.folder)
  try {
    bench.say(`keys: ${segments.lines.toLocaleString('en')}`)
    const files = keyFiles(segments)
    await Promise.all(files.map((_, segment) => bench.threads.makeKeySegment({ ...segments, segment })))
    // What is not on the disk yet can't be forgotten.
    const isForgotten = forgetFiles(files)
    return [
      await compare(bench, segments, {
        name: 'key-planning',
        aim: atMost(5),
        before: () => void forgetFiles(files),
        notes: isForgotten
          ? []
          : ['dd is not there to have the files read from the disk: they were in memory'],
      }),
      await compare(bench, segments, {
        name: 'key-planning-cached',
        aim: beside('key-planning'),
        before: () => undefined,
        notes: [],
      }),
    ]
  } finally {
    await rm(segments.folder, { recursive: true })
  }
}

interface Reading {
  name: string
  aim: Aim
  before(): void
  notes: string[]
}

function compare(
  bench: Bench,
  segments: KeySegments,
  { before, notes, ...labels }: Reading,
): Promise<Result> {
  const bytes = segments.lines * dedupRecordBytes
  const files = keyFiles(segments)
  return alternate({
    ...{ ...labels, unit: 's', pairs: bench.sizes.pairs },
    ratio: (ours, baseline) => ours / baseline,
    ours: () => {
      before()
      return plan(segments)
    },
    baseline: () => {
      before()
      return readFiles(files, bytes)
    },
    notes: [
      `${segments.lines.toLocaleString('en')} keys, ${(bytes / 1e9).toPrecision(3)} GB, ${repeats} of them twice`,
      ...notes,
    ],
  })
}

async function plan(segments: KeySegments): Promise<Sample> {
  const { seconds, losing, ...usage } = await planKeys(segments)
  if (losing !== repeats) throw new WrongResult(`${losing} lines were found to lose, of ${repeats} that do`)
  return { ...usage, value: seconds }
}
