/** Everything that one process serves, without what a process is: arguments, signals, exit codes. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
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
import { createThreadPool } from './threads/pool.ts'
import { type Compactor, startCompactor } from './workflows/compactor.ts'
import { type Looking, lookAtInterval } from './workflows/look-at-interval.ts'
import { runExport } from './workflows/run-export.ts'
import { startScheduler } from './workflows/scheduler.ts'
import { watchDestinations } from './workflows/watch-destinations.ts'

export type Role = 'api' | 'scheduler' | 'worker'

export interface Serving {
  /** Undefined where the role `api` is not served. */
  url: string | undefined
  /** Finishes or hands back what is in hand, within the setting's time. */
  stop(): Promise<void>
}

/** Resolves when every role has begun; what a failed start had begun is ended again. */
export async function startServing(
  config: Config,
  roles: readonly Role[],
  log: Logger,
  clock: Clock,
): Promise<Serving> {
  const foundation = await composeFoundation(config, log, clock)
  const running: Running = {}
  const stop = () => stopAll(config.shutdownSeconds * 1000, foundation, running)
  try {
    if (roles.includes('worker')) {
      running.destinations = startWorker(config, foundation)
      running.compactor = startCompacting(config, foundation)
    }
    if (roles.includes('scheduler')) {
      running.scheduler = startScheduling(config, foundation)
      running.watch = startWatching(config, foundation)
    }
    if (roles.includes('api')) running.server = await composeServer(config, foundation)
    return { url: running.server === undefined ? undefined : await listen(running.server, config), stop }
  } catch (cause) {
    await stop()
    throw cause
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
    pollMs: config.runPollMs,
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
