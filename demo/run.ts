/**
 * `npm run demo`: Penstock from nothing to verified files in another account's bucket, on this machine alone.
 *
 *   steps ──▶ verified? ──▶ [--keep: until Ctrl-C] ──▶ closed, exit 0 or 1
 *     └──── Ctrl-C, or a failure ─────────────────────▶ closed, exit 130 or 1
 */
import { parseArgs } from 'node:util'
import { forgetMachineSettings } from './machine.ts'
import { keepUp, showOutcome } from './show.ts'
import { openStage } from './stage.ts'
import { runSteps } from './steps.ts'

const usage = `Usage: npm run demo [-- --keep]

Starts Penstock and a sandbox AWS in a temporary folder, sends events, exports them to a bucket
and verifies every line of what landed. Exit 0: verified. 1: not, and why. 2: called wrongly.

  --keep   keep everything up, to look around, until Ctrl-C`

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (options === undefined) return 2
  if (options.help) {
    console.log(usage)
    return 0
  }
  return await perform(options.keep)
}

function readOptions(args: string[]): { keep: boolean; help: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    })
    return values
  } catch (cause) {
    console.error(`${messageOf(cause)}\n\n${usage}`)
    return undefined
  }
}

async function perform(keep: boolean): Promise<number> {
  const interrupted = interruption()
  const stage = await openStage(interrupted)
  forgetMachineSettings(stage.folder)
  try {
    const outcome = await runSteps(stage, interrupted)
    showOutcome(outcome, keep)
    if (keep) await keepUp(outcome, stage.folder, interrupted)
    return outcome.differences.length === 0 ? 0 : 1
  } catch (cause) {
    if (interrupted.aborted) return 130
    console.error(`\nThe demo failed: ${messageOf(cause)}\n${await stage.logTails()}`)
    return 1
  } finally {
    await stage.close()
  }
}

/** Aborted by the first signal. Further ones change nothing: npm passes on what the terminal has sent already. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) console.log('\nEnding what the demo has started')
      controller.abort()
    })
  }
  return controller.signal
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
