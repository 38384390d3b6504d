/** One run of the bench: its measures one after the other, and what is told and kept of them. */
import { type Bench, type BenchOptions, openBench } from './harness/bench.ts'
import { readOptions } from './harness/options.ts'
import { startRecord } from './harness/record.ts'
import { jsonReport, textReport } from './harness/report.ts'
import { runMeasures, type Told } from './harness/run-measures.ts'
import { fullSizes, quickSizes } from './harness/sizes.ts'
import { allMeasures } from './measures/all-measures.ts'

/**
 * Sets the process's exit code to 1 when a result is wrong or a measure can't be run, never because something is slow.
 * @param args of the command line
 */
export async function runBench(
  args: string[],
  open: (options: BenchOptions) => Promise<Bench> = openBench,
): Promise<void> {
  const names = allMeasures.map(({ name }) => name)
  const { quick, minutes, json, record, only } = readOptions(args, names)
  const startedMs = performance.now()
  const say = (text: string): void => {
    console.error(`[${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s] ${text}`)
  }
  const recording = record ? await startRecord(['npm run bench --', ...args].join(' '), say) : undefined
  const sizes = quick ? quickSizes : fullSizes
  const bench = await open({ isQuick: quick, sizes, say })
  closeWhenInterrupted(bench)
  try {
    const wanted = allMeasures.filter(({ name }) => only.length === 0 || only.includes(name))
    const told: Told = {
      result: (result) => {
        console[json ? 'error' : 'log'](textReport(result))
        recording?.result(result)
      },
      wrong: (measure, error) => {
        console.error(`WRONG: ${measure}: ${error.message}`)
        recording?.without(measure, 'its result was wrong')
      },
      failed: (measure, cause) => {
        console.error(`FAILED: ${measure}:`, cause)
        recording?.without(measure, 'it could not be run to its end')
      },
      left: (measure) => {
        say(`not begun, the time was up: ${measure}`)
        recording?.without(measure, 'the time was up before it began')
      },
    }
    const isTimeUp = (): boolean => performance.now() - startedMs > minutes * 60_000
    const { results, allRight } = await runMeasures(bench, wanted, told, isTimeUp)
    if (json) console.log(jsonReport(results))
    if (!allRight) process.exitCode = 1
  } finally {
    await bench.close()
  }
  say('done')
}

/** Programs that it has started end with it, and its folder goes. */
function closeWhenInterrupted(bench: Bench): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => void bench.close().finally(() => process.exit(code)))
  }
}
