import type { Command } from 'commander'
import { openBlobStore } from '../compose-store.ts'
import { readConfig } from '../config/read-config.ts'
import { createLogger } from '../telemetry/logger.ts'
import { type CheckedItem, checkSetUp } from '../workflows/check-set-up.ts'
import { registerCheckAws } from './check-aws.ts'
import { registerCheckWebhook } from './check-webhook.ts'
import { withControlPlane } from './open-control-plane.ts'
import { formatTable, type OutputOptions, printResult } from './output.ts'

export function registerCheck(program: Command): void {
  const command = program.command('check')
  command
    .description("Check the operator's own set-up: database, store, free disk, clock, AWS identity")
    .option('--json', 'print one JSON document')
    .action(check)
  registerCheckAws(command)
  registerCheckWebhook(command)
}

async function check(options: OutputOptions): Promise<void> {
  const config = readConfig(process.env)
  const openStore = () => openBlobStore(config, createLogger('warn'))
  const items = await checkSetUp({ config, withDatabase: (use) => withControlPlane(use), openStore })
  const rows = items.map(({ item, ok, found }: CheckedItem) => [ok ? 'ok' : 'FAILED', item, found])
  printResult(
    options,
    { ok: items.every(({ ok }) => ok), checks: items },
    formatTable(['', 'WHAT', 'FOUND'], rows),
  )
  if (items.some(({ ok }) => !ok)) process.exitCode = 1
}
