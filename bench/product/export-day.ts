/** One export of a filled day, timed, read back, and cleared away. */

import { WrongResult } from '../check/wrong-result.ts'
import type { Selection } from '../generator/event-set.ts'
import type { Bench } from '../harness/bench.ts'
import type { Sample } from '../harness/measure.ts'
import type { Exported } from './export-orders.ts'
import type { Exporter } from './exporter.ts'
import type { FilledDay } from './filled-day.ts'

/** What is done with what an export has left in the bucket before it goes. */
export type LookAtFolder = (folder: string) => Promise<void>

export async function exportDay(
  bench: Bench,
  exporter: Exporter,
  { day, project, house }: FilledDay,
  selection: Selection = {},
  look: LookAtFolder = async () => undefined,
): Promise<Exported & Sample> {
  const place = await bench.place()
  const { bucket } = project.account
  const pipeline = await house.createPipeline(project, day.spec.date, selection)
  const exported = await exporter.export(project.id, pipeline.name)
  const expected = day.expected(selection)
  const { folder } = pipeline
  await bench.checkFolder({ subject: 'export', bucket, folder, expected, complete: true })
  if (exported.events !== expected.lines)
    throw new WrongResult(`the run says ${exported.events} events; its files hold ${expected.lines}`)
  await look(folder)
  await bucket.removeAll(folder)
  await place.settle()
  return { ...exported, value: exported.seconds }
}
