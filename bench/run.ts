/**
 * `npm run bench [-- --quick] [-- --json] [-- --only NAME…]`: every measure beside its baseline, results checked.
 * Exits 1 when a result is wrong, never because it is slow.
 */
import { WrongResult } from './check/wrong-result.ts'
import { openBench } from './harness/bench.ts'
import type { Result } from './harness/measure.ts'
import { readOptions } from './harness/options.ts'
import { jsonReport, textReport } from './harness/report.ts'
import { fullSizes, quickSizes } from './harness/sizes.ts'
import { allMeasures } from './measures/all-measures.ts'

const options = readOptions(
  process.argv.slice(2),
  allMeasures.map(({ name }) => name),
)
const startedMs = performance.now()
const say = (text: string): void => {
  console.error(`[${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s] ${text}`)
}
const wanted = allMeasures.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
const bench = await openBench({ isQuick: options.quick, sizes: options.quick ? quickSizes : fullSizes, say })
const results: Result[] = []
try {
  for (const measure of wanted) {
    say(`measure: ${measure.name}`)
    try {
      for (const result of await measure.run(bench)) {
        results.push(result)
        console[options.json ? 'error' : 'log'](textReport(result))
      }
    } catch (error) {
      if (!(error instanceof WrongResult)) throw error
      console.error(`WRONG: ${measure.name}: ${error.message}`)
      process.exitCode = 1
    }
  }
} finally {
  await bench.close()
}
if (options.json) console.log(jsonReport(results))
say('done')
