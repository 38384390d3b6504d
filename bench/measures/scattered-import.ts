/**
 * What compaction makes of an import whose requests come in random order over half a year, against the same requests one day
 * after the other: the export of all days afterwards, and the bytes that were written for the bytes that are kept.
 */
import { type Fingerprint, fingerprintOf } from '../check/fingerprint.ts'
import { WrongResult } from '../check/wrong-result.ts'
import { type History, openHistory } from '../generator/history.ts'
import { atMost } from '../harness/aim.ts'
import { alternate } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { exactly } from '../harness/pairs.ts'
import type { Exporter } from '../product/exporter.ts'
import { requestsAtOnce } from '../product/filled-day.ts'
import type { House, HouseProject } from '../product/house.ts'
import { sendBodies } from '../product/send-bodies.ts'
import { bytesBelow } from '../product/stored-bytes.ts'

export const scatteredImport: Measure[] = [{ name: 'scattered', run: measure }]

const eventsPerRequest = 50
export const from = '2026-01-01'

async function measure(bench: Bench): Promise<Result[]> {
  const { requests, days } = bench.sizes.scattered
  const history = openHistory({ requests, eventsPerRequest, days, from })
  // A house of its own: its bytes are of nothing else.
  const house = await bench.ownHouse('scattered')
  const scattered = await fillMerged(bench, house, history, 'random')
  const inOrder = await fillMerged(bench, house, history, 'days')
  const exporter = await house.startExporter()
  const run = ({ project, expected }: MergedHistory): Promise<Sample> =>
    exportAll(bench, exporter, { house, project, days: { from, to: history.to, count: days }, expected })
  try {
    await run(inOrder)
    const exports = await alternate({
      ...{ name: 'scattered-export', aim: atMost(1.2), unit: 's', pairs: bench.sizes.pairs },
      ratio: (ours, baseline) => ours / baseline,
      ours: () => run(scattered),
      baseline: () => run(inOrder),
      notes: [describe(requests, days)],
    })
    return [exports, await compareBytes(scattered, inOrder, describe(requests, days))]
  } finally {
    await exporter.stop()
  }
}

function describe(requests: number, days: number): string {
  return `${requests.toLocaleString('en')} requests of ${eventsPerRequest} events over ${days} days, all merged before`
}

async function compareBytes(scattered: MergedHistory, inOrder: MergedHistory, note: string): Promise<Result> {
  const inDayOrder = (inOrder.writtenBytes / inOrder.keptBytes).toFixed(2)
  return await alternate({
    ...{ name: 'scattered-bytes', aim: atMost(4), unit: 'MB', pairs: exactly(1) },
    ratio: (written, kept) => written / kept,
    ours: async () => ({ value: scattered.writtenBytes / 1e6 }),
    baseline: async () => ({ value: scattered.keptBytes / 1e6 }),
    notes: [note, `ours is what was written, baseline what is kept of it; in day order ${inDayOrder}`],
  })
}

interface MergedHistory {
  project: HouseProject
  expected: Fingerprint
  /** By ingest and by compaction; and what of it is left. */
  writtenBytes: number
  keptBytes: number
}

async function fillMerged(
  bench: Bench,
  house: House,
  history: History,
  order: 'days' | 'random',
): Promise<MergedHistory> {
  const project = await house.createProject(`history, ${order}`)
  const { url } = await house.api()
  const before = await bytesBelow(house.storeFolder)
  const hashes: Uint8Array[] = []
  function* bodies() {
    for (const body of history.bodies(order)) {
      hashes.push(body.hashes)
      yield body
    }
  }
  const seconds = await sendBodies({ url, secret: project.secret }, bodies(), requestsAtOnce)
  const imported = await bytesBelow(house.storeFolder)
  const merged = await house.compact()
  const after = await bytesBelow(house.storeFolder)
  bench.say(
    `${order}: imported in ${seconds.toFixed(1)} s; ${merged.membersMerged} members became ${merged.membersMade}`,
  )
  return {
    project,
    expected: fingerprintOf(hashes),
    writtenBytes: imported - before + merged.bytesWritten,
    keptBytes: after - before,
  }
}

interface AllDays {
  house: House
  project: HouseProject
  days: { from: string; to: string; count: number }
  expected: Fingerprint
}

/** One run a day, one after the other; their times added up. */
async function exportAll(
  bench: Bench,
  exporter: Exporter,
  { house, project, days, expected }: AllDays,
): Promise<Sample> {
  const { bucket } = project.account
  const { name, root: folder } = await house.createPipeline(project, days)
  let seconds = 0
  let cpuSeconds = 0
  for (let day = 0; day < days.count; day++) {
    const exported = await exporter.export(project.id, name)
    seconds += exported.seconds
    cpuSeconds += exported.cpuSeconds
  }
  await bench.checkFolder({ subject: 'export', bucket, folder, expected, complete: false })
  const complete = (await bucket.list(folder)).filter(({ key }) => key.endsWith('/complete')).length
  if (complete !== days.count) throw new WrongResult(`${complete} of ${days.count} days are complete`)
  await bucket.removeAll(folder)
  await (await bench.place()).settle()
  return { value: seconds, cpuSeconds }
}
