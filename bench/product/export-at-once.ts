/** Exports of one filled day by several pipelines at once, timed together, each read back, and cleared away. */
import { WrongResult } from '../check/wrong-result.ts'
import type { Bench } from '../harness/bench.ts'
import type { FilledDay } from './filled-day.ts'
import type { WorkedRuns, Workers } from './workers.ts'

/**
 * Gives the S3 server no time to finish with what was cleared away.
 * @param worked called when the last run is over, before anything is read back
 */
export async function exportAtOnce(
  bench: Bench,
  workers: Workers,
  { day, project, house }: FilledDay,
  runs: number,
  worked: () => void = () => undefined,
): Promise<WorkedRuns> {
  const folders: string[] = []
  const done = await workers.export(project.id, async () => {
    const making = Array.from({ length: runs }, () => house.createPipeline(project, day.spec.date))
    const pipelines = await Promise.all(making)
    folders.push(...pipelines.map(({ folder }) => folder))
    return pipelines.map(({ name }) => name)
  })
  worked()
  const { bucket } = project.account
  const expected = day.expected()
  for (const folder of folders) {
    await bench.checkFolder({ subject: 'export', bucket, folder, expected, complete: true })
  }
  if (done.events !== runs * expected.lines)
    throw new WrongResult(`the runs say ${done.events} events; their files hold ${runs * expected.lines}`)
  for (const folder of folders) await bucket.removeAll(folder)
  return done
}
