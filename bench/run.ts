/**
 * `npm run bench [-- --quick] [-- --json] [-- --only NAME…]`: every measure beside its baseline, results checked.
 * Exits 1 when a result is wrong, never because it is slow.
 */
import { openBench } from './harness/bench.ts'
import { readOptions } from './harness/options.ts'
import { jsonReport, textReport } from './harness/report.ts'
import { runMeasures } from './harness/run-measures.ts'
import { fullSizes, quickSizes } from './harness/sizes.ts'
import { allMeasures } from './measures/all-measures.ts'

const { quick, json, only } = readOptions(
  process.argv.slice(2),
  allMeasures.map(({ name }) => name),
)
const startedMs = performance.now()
const say = (text: string): void => {
  console.error(`[${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s] ${text}`)
}
const bench = await openBench({ isQuick: quick, sizes: quick ? quickSizes : fullSizes, say })
try {
  const wanted = allMeasures.filter(({ name }) => only.length === 0 || only.includes(name))
  const { results, allRight } = await runMeasures(bench, wanted, {
    result: (result) => console[json ? 'error' : 'log'](textReport(result)),
    wrong: (measure, error) => console.error(`WRONG: ${measure}: ${error.message}`),
  })
  if (json) console.log(jsonReport(results))
  if (!allRight) process.exitCode = 1
} finally {
  await bench.close()
}
say('done')
