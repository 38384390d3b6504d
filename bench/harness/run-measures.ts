import { WrongResult } from '../check/wrong-result.ts'
import type { Bench } from './bench.ts'
import type { Measure, Result } from './measure.ts'

export interface Told {
  /** Each result as it is there. */
  result(result: Result): void
  /** A measure whose result is wrong: it counts for nothing. */
  wrong(measure: string, error: WrongResult): void
  /** A measure that could not be run to its end. */
  failed(measure: string, cause: unknown): void
  /** A measure that was not begun: the time was up. */
  left(measure: string): void
}

/**
 * Runs the measures one after the other, and begins none when the time is up. What goes wrong ends its own measure alone.
 */
export async function runMeasures(
  bench: Bench,
  measures: readonly Measure[],
  told: Told,
  isTimeUp: () => boolean = () => false,
): Promise<{ results: Result[]; allRight: boolean }> {
  const results: Result[] = []
  let allRight = true
  for (const measure of measures) {
    if (isTimeUp()) {
      told.left(measure.name)
      continue
    }
    bench.say(`measure: ${measure.name}`)
    try {
      for (const result of await measure.run(bench)) {
        results.push(result)
        told.result(result)
      }
    } catch (error) {
      allRight = false
      if (error instanceof WrongResult) told.wrong(measure.name, error)
      else told.failed(measure.name, error)
    }
  }
  return { results, allRight }
}
