import type { Command } from 'commander'
import { readConfig } from '../config/read-config.ts'
import { type CheckedItem, checkSetUp } from '../workflows/check-set-up.ts'
import { registerCheckAws } from './check-aws.ts'
import { withControlPlane } from './open-control-plane.ts'
import { formatTable, type OutputOptions, printResult } from './output.ts'

export function registerCheck(program: Command): void {
  const command = program.command('check')
  command
    .description("Check the operator's own set-up: database, store, free disk, clock, AWS identity")
    .option('--json', 'print one JSON document')
    .action(check)
  registerCheckAws(command)
}

async function check(options: OutputOptions): Promise<void> {
  const items = await checkSetUp(readConfig(process.env), (use) => withControlPlane(use))
  const rows = items.map(({ item, ok, found }: CheckedItem) => [ok ? 'ok' : 'FAILED', item, found])
  printResult(
    options,
    { ok: items.every(({ ok }) => ok), checks: items },
    formatTable(['', 'WHAT', 'FOUND'], rows),
  )
  if (items.some(({ ok }) => !ok)) process.exitCode = 1
}
