/**
 * One serving process, from its start to its end.
 *
 *   starting ──▶ serving ──SIGTERM or SIGINT──▶ stopping ──▶ over (exit 0)
 *                                                   └──a second signal──▶ over at once (exit 1)
 */
import type { Config } from './config/settings.ts'
import { type Role, type Serving, startServing } from './serving.ts'
import { createLogger } from './telemetry/logger.ts'

export interface ServeOptions {
  roles: Role[]
  json?: boolean
}

/** Resolves when a signal has ended the process's work. */
export async function serve(config: Config, options: ServeOptions): Promise<void> {
  const signalled = firstSignal()
  const log = createLogger(config.logLevel)
  const serving = await startServing(config, options.roles, log)
  announce(serving, options)
  const signal = await signalled
  log.info({ signal }, 'stopping: nothing more is taken, what is in hand is finished or handed back')
  await serving.stop()
}

function announce({ url, metricsUrl }: Serving, options: ServeOptions): void {
  const line =
    url === undefined ? `Penstock works as ${options.roles.join(', ')}` : `Penstock takes events on ${url}`
  const document = { url: url ?? null, metrics_url: metricsUrl ?? null, roles: options.roles }
  const words = metricsUrl === undefined ? line : `${line}\nIts metrics and health are on ${metricsUrl}`
  process.stdout.write(`${options.json === true ? JSON.stringify(document) : words}\n`)
}

/** A second signal ends the process at once: whoever sends it does not want to wait. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let signalled = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (signalled) process.exit(1)
        signalled = true
        resolve(signal)
      })
    }
  })
}
