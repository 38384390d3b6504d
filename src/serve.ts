/**
 * One serving process, from its start to its end.
 *
 *   starting ──▶ serving ──SIGTERM or SIGINT──▶ stopping ──▶ over (exit 0)
 *                                                   └──a second signal──▶ over at once (exit 1)
 */
import type { FastifyInstance } from 'fastify'
import { systemClock } from './clock.ts'
import {
  composeCompactor,
  composeDestinations,
  composeDestinationTests,
  composeFoundation,
  composeRunExport,
  composeServer,
  type Foundation,
} from './compose.ts'
import type { Config } from './config/settings.ts'
import type { Destinations } from './data/deliver/destination.ts'
import { listen } from './http/listen.ts'
import { createLogger } from './telemetry/logger.ts'
import { createThreadPool } from './threads/pool.ts'
import { type Compactor, startCompactor } from './workflows/compactor.ts'
import { type Looking, lookAtInterval } from './workflows/look-at-interval.ts'
import { runExport } from './workflows/run-export.ts'
import { startScheduler } from './workflows/scheduler.ts'
import { watchDestinations } from './workflows/watch-destinations.ts'

export interface ServeOptions {
  roles: ('api' | 'scheduler' | 'worker')[]
  json?: boolean
}

/** Resolves when a signal has ended the process's work. */
export async function serve(config: Config, options: ServeOptions): Promise<void> {
  const signalled = firstSignal()
  const log = createLogger(config.logLevel)
  const foundation = await composeFoundation(config, log, systemClock)
  const running: Running = {}
  try {
    if (options.roles.includes('worker')) {
      running.destinations = startWorker(config, foundation)
      running.compactor = startCompacting(config, foundation)
    }
    if (options.roles.includes('scheduler')) {
      running.scheduler = startScheduling(config, foundation)
      running.watch = startWatching(config, foundation)
    }
    if (options.roles.includes('api')) running.server = await composeServer(config, foundation)
    const url = running.server === undefined ? undefined : await listen(running.server, config)
    announce(url, options)
    const signal = await signalled
    log.info({ signal }, 'stopping: nothing more is taken, what is in hand is finished or handed back')
  } finally {
    await stopAll(config.shutdownSeconds * 1000, foundation, running)
  }
}

/** What the roles of this process have started. */
interface Running {
  destinations?: Destinations
  compactor?: Compactor
  scheduler?: Looking
  watch?: Looking
  server?: FastifyInstance
}

function startWorker(config: Config, foundation: Foundation): Destinations {
  const destinations = composeDestinations(config, foundation.log)
  const deps = composeRunExport(config, foundation, destinations)
  foundation.jobs.workRuns((runId, signal) => runExport(deps, runId, signal), {
    concurrency: config.runsMax,
    perProjectMax: config.runsPerProjectMax,
  })
  return destinations
}

function startCompacting(config: Config, foundation: Foundation): Compactor {
  const threads = createThreadPool(1, { background: true })
  return startCompactor(composeCompactor(config, foundation, threads.run), threads)
}

function startScheduling(config: Config, { database, store, jobs, clock, log }: Foundation): Looking {
  return startScheduler({
    db: database.db,
    store,
    jobs,
    clock,
    log,
    intervalMs: config.schedulerIntervalMs,
    attemptsMax: config.runAttemptsMax,
    syncIntervalMs: config.syncIntervalSeconds * 1000,
    syncDaysMax: config.syncDaysMax,
  })
}

/** The tests themselves are a day or minutes apart. */
const watchIntervalMs = 30_000

function startWatching(config: Config, { database, jobs, clock, log }: Foundation): Looking {
  const tests = composeDestinationTests(config, log)
  const deps = { db: database.db, jobs, tests, clock, log }
  const watch = lookAtInterval(watchIntervalMs, log, (stopping) => watchDestinations(deps, stopping))
  const stop = async (): Promise<void> => {
    await watch.stop()
    tests.close()
  }
  return { ...watch, stop }
}

function announce(url: string | undefined, options: ServeOptions): void {
  const line =
    url === undefined ? `Penstock works as ${options.roles.join(', ')}` : `Penstock takes events on ${url}`
  process.stdout.write(
    `${options.json === true ? JSON.stringify({ url: url ?? null, roles: options.roles }) : line}\n`,
  )
}

/** First what brings work in, then what works, then what everything stands on. */
async function stopAll(deadlineMs: number, foundation: Foundation, running: Running): Promise<void> {
  const { jobs, store, threads, database, log } = foundation
  await Promise.all([
    running.scheduler?.stop(),
    running.compactor?.stop(),
    running.watch?.stop(),
    jobs.stop({ deadlineMs }),
    running.server === undefined ? undefined : closeServer(running.server, deadlineMs),
  ])
  running.destinations?.close()
  await store.drain()
  await threads.close()
  await database.close()
  log.info('stopped')
}

/** Lets requests in flight finish; those of clients that are too slow are cut at the deadline, and were not answered. */
async function closeServer(server: FastifyInstance, deadlineMs: number): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), deadlineMs)
  await server.close()
  clearTimeout(cut)
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
