/**
 * `serve` in a process of its own, whose clock its parent sets and which runs on from there. The first argument is
 * what the clock shows at the start.
 */
import { readConfig } from '../../src/config/read-config.ts'
import { startServing } from '../../src/serving.ts'
import { createLogger } from '../../src/telemetry/logger.ts'

let setMs = Number(process.argv[2])
let setAtMs = performance.now()
const clock = { nowMs: () => Math.floor(setMs + performance.now() - setAtMs) }

process.on('message', (nowMs: number) => {
  setMs = nowMs
  setAtMs = performance.now()
})

const config = readConfig(process.env)
const log = createLogger(config.logLevel)
const serving = await startServing(config, ['api', 'scheduler', 'worker'], log, clock)
process.on('SIGTERM', async () => {
  await serving.stop()
  process.exit(0)
})
// Without the test there is nobody left to serve.
process.once('disconnect', () => process.exit(1))
process.send?.(serving.url)
