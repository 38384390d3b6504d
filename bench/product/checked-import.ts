import type { GeneratedDay } from '../generator/generated-day.ts'
import type { Bench } from '../harness/bench.ts'
import { exportDay } from './export-day.ts'
import type { Exporter } from './exporter.ts'
import type { House } from './house.ts'
import type { ImportTarget } from './send-bodies.ts'

/**
 * Has a day sent into a new project; reads back by an export that all of it is there, once.
 * @param given the house where it is not the one that most measures share
 */
export async function checkedImport<Taken>(
  bench: Bench,
  exporter: Exporter,
  day: GeneratedDay,
  send: (target: ImportTarget) => Promise<Taken>,
  given?: House,
): Promise<Taken> {
  const house = given ?? (await bench.house())
  const project = await house.createProject('timed import')
  const { url } = await house.api()
  const taken = await send({ url, secret: project.secret })
  await exportDay(bench, exporter, { day, project, house })
  return taken
}
