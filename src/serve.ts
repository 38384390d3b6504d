/**
 * One serving process, from its start to its end.
 *
 *   starting ──▶ serving ──SIGTERM or SIGINT──▶ stopping ──▶ over (exit 0)
 *                                                   └──a second signal──▶ over at once (exit 1)
 */
import type { Logger } from 'pino'
import type { Config } from './config/settings.ts'
import { isDatabaseAway, orDatabaseAway } from './control/db/database-away.ts'
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
  const serving = await orDatabaseAway(startLogging(config, options.roles, log))
  announce(serving, options)
  const signal = await signalled
  log.info({ signal }, 'stopping: nothing more is taken, what is in hand is finished or handed back')
  await serving.stop()
}

/** A database that goes away while the process starts is told of in a sentence; what it said itself stands in the log. */
async function startLogging(config: Config, roles: Role[], log: Logger): Promise<Serving> {
  try {
    return await startServing(config, roles, log)
  } catch (cause) {
    if (isDatabaseAway(cause)) log.error({ err: cause }, 'the database went away while Penstock started')
    throw cause
  }
}

function announce({ url, metricsUrl, setupUrl }: Serving, options: ServeOptions): void {
  const line =
    url === undefined ? `Penstock works as ${options.roles.join(', ')}` : `Penstock takes events on ${url}`
  const document = {
    url: url ?? null,
    metrics_url: metricsUrl ?? null,
    roles: options.roles,
    // Only while there is no project.
    ...(setupUrl === undefined ? {} : { setup_url: setupUrl }),
  }
  const metricsLine = metricsUrl === undefined ? [] : [`Its metrics and health are on ${metricsUrl}`]
  const words = [line, ...metricsLine, ...(setupUrl === undefined ? [] : setupWords(setupUrl))]
  process.stdout.write(`${options.json === true ? JSON.stringify(document) : words.join('\n')}\n`)
}

function setupWords(setupUrl: string): string[] {
  const [page = '', token] = setupUrl.split('#')
  if (token === undefined) {
    return [`There is no project yet: make the first one at ${page} with the token of PENSTOCK_SETUP_TOKEN`]
  }
  return [
    `There is no project yet: make the first one at ${setupUrl}`,
    'At another address of this server its page asks for the set-up token, which is what stands behind the #',
  ]
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
