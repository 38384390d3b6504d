/** Everything that one process serves, without what a process is: arguments, signals, exit codes. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import {
  composeCompactor,
  composeDestinations,
  composeDestinationTests,
  composeFoundation,
  composeReadiness,
  composeRunExport,
  composeServer,
  type Foundation,
} from './compose.ts'
import type { Config } from './config/settings.ts'
import { hasProject, issueSetupToken } from './control/projects/set-up.ts'
import { findProjectsAtBound } from './control/runs/projects-at-bound.ts'
import type { Destinations } from './data/deliver/destination.ts'
import { listen } from './http/listen.ts'
import { buildOperationServer } from './http/operation-server.ts'
import { createThreadPool } from './threads/pool.ts'
import { openWebhook } from './webhook/open-webhook.ts'
import { type Compactor, startCompactor } from './workflows/compactor.ts'
import { type Looking, lookAtInterval } from './workflows/look-at-interval.ts'
import { notify } from './workflows/notifier.ts'
import { type RoleWork, silentRoles } from './workflows/role-readiness.ts'
import { runExport } from './workflows/run-export.ts'
import { startScheduler } from './workflows/scheduler.ts'
import { traceDestinations } from './workflows/traced-destinations.ts'
import { watchDestinations } from './workflows/watch-destinations.ts'

export type Role = 'api' | 'scheduler' | 'worker'

export interface Serving {
  /** Undefined where the role `api` is not served. */
  url: string | undefined
  /** Of metrics and health alone; undefined where the setting asks for no such port. */
  metricsUrl: string | undefined
  /** Where the first project is made, while there is none. */
  setupUrl: string | undefined
  /** Finishes or hands back what is in hand, within the setting's time. */
  stop(): Promise<void>
}

/**
 * Resolves when every role has begun; what a failed start had begun is ended again.
 * @param clock the database's own where none is given
 */
export async function startServing(
  config: Config,
  roles: readonly Role[],
  log: Logger,
  clock?: Clock,
): Promise<Serving> {
  const foundation = await composeFoundation(config, log, clock)
  const running: Running = {}
  const stop = () => stopAll(config.shutdownSeconds * 1000, foundation, running)
  const notReady = createNotReady(config, foundation, running)
  try {
    if (roles.includes('worker')) {
      const { log, metrics, tracing } = foundation
      const destinations = composeDestinations(config, log, metrics)
      running.destinations = tracing.isOn ? traceDestinations(tracing, destinations) : destinations
      running.worker = startWorker(config, foundation, running.destinations)
      running.compactor = startCompacting(config, foundation)
    }
    if (roles.includes('scheduler')) {
      running.scheduler = startScheduling(config, foundation)
      running.watch = startWatching(config, foundation)
      running.notifier = await startNotifying(config, foundation)
    }
    if (roles.includes('api')) running.server = await composeServer(config, foundation, notReady)
    const url = running.server === undefined ? undefined : await listen(running.server, config)
    const setupUrl = url && (await openSetup(config, foundation, url))
    // Last: whoever waits for it to answer waits for all of them.
    const metricsUrl = await listenForOperators(config, foundation, running, notReady)
    return { url, metricsUrl, setupUrl, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

/** The token goes behind `#`, which browsers keep to themselves: it is in no log of this server or of a proxy before it. */
async function openSetup(
  { setupToken }: Config,
  { answering, log }: Foundation,
  url: string,
): Promise<string | undefined> {
  if (await hasProject(answering.db)) return undefined
  log.info('there is no project yet: whoever has the set-up token can make the first one in the console')
  const page = `${url}/console/setup`
  return setupToken === undefined ? `${page}#${await issueSetupToken(answering.db)}` : page
}

/** What the roles of this process have started. */
interface Running extends RoleWork {
  destinations?: Destinations
  compactor?: Compactor
  scheduler?: Looking
  watch?: Looking
  notifier?: Looking | undefined
  server?: FastifyInstance
  operationServer?: FastifyInstance
  isStopping?: true
}

function createNotReady(config: Config, foundation: Foundation, running: Running): () => Promise<string[]> {
  const surroundings = composeReadiness(foundation)
  return async () => {
    if (running.isStopping) return ['the process is stopping']
    return [...(await surroundings()), ...silentRoles(running, config.schedulerIntervalMs)]
  }
}

async function listenForOperators(
  { metricsPort, metricsHost, host }: Config,
  { metrics, log }: Foundation,
  running: Running,
  notReady: () => Promise<string[]>,
): Promise<string | undefined> {
  if (metricsPort === undefined) return undefined
  running.operationServer = await buildOperationServer({ metrics: metrics.registry, notReady, log })
  const address = { host: metricsHost ?? host, port: metricsPort }
  return await listen(running.operationServer, address, 'PENSTOCK_METRICS_HOST and PENSTOCK_METRICS_PORT')
}

function startWorker(config: Config, foundation: Foundation, destinations: Destinations): RoleWork['worker'] {
  const deps = {
    ...composeRunExport(config, foundation, destinations),
    projectRunsMax: config.projectRunsMax,
  }
  return foundation.jobs.workRuns((runId, signal) => runExport(deps, runId, signal), {
    concurrency: config.runsMax,
    perProjectMax: config.runsPerProjectMax,
    projectsAtBound: () =>
      findProjectsAtBound(foundation.database.db, {
        projectRunsMax: config.projectRunsMax,
        nowMs: deps.clock.nowMs(),
      }),
    pollMs: config.runPollMs,
  })
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

function startWatching(config: Config, { database, jobs, metrics, clock, log }: Foundation): Looking {
  const tests = composeDestinationTests(config, log, metrics)
  const deps = { db: database.db, jobs, tests, clock, log }
  const watch = lookAtInterval(watchIntervalMs, log, (stopping) => watchDestinations(deps, stopping))
  const stop = async (): Promise<void> => {
    await watch.stop()
    tests.close()
  }
  return { ...watch, stop }
}

async function startNotifying(config: Config, foundation: Foundation): Promise<Looking | undefined> {
  const webhook = await openWebhook(config)
  if (webhook === undefined) return undefined
  const { database, metrics, clock, log } = foundation
  const lateAfterMs = config.lateAfterMinutes * 60_000
  const retryMsMax = config.webhookRetryHoursMax * 3_600_000
  const deps = { db: database.db, webhook, metrics, clock, log, lateAfterMs, retryMsMax }
  return lookAtInterval(config.schedulerIntervalMs, log, (stopping) => notify(deps, stopping))
}

/** After the deadline of a stop: for what was cut at it. */
const breakOffMs = 5000

/** First what brings work in, then what works, then what everything stands on. */
async function stopAll(deadlineMs: number, foundation: Foundation, running: Running): Promise<void> {
  const { jobs, store, blobs, threads, database, answering, log } = foundation
  running.isStopping = true
  // A database that is silent must not keep the process for longer.
  const breakingOff = setTimeout(() => {
    for (const connected of [jobs, answering, database]) connected.breakOff()
  }, deadlineMs + breakOffMs)
  await Promise.all([
    running.scheduler?.stop(),
    running.compactor?.stop(),
    running.watch?.stop(),
    running.notifier?.stop(),
    jobs.stop({ deadlineMs }),
    running.server === undefined ? undefined : closeServer(running.server, deadlineMs),
  ])
  running.destinations?.close()
  await store.drain()
  await threads.close()
  // Asked to the end how far the process is; what it asks of the database and the store comes before the end of those.
  await running.operationServer?.close()
  blobs.close()
  await answering.close()
  await foundation.tracing.stop()
  await database.close()
  clearTimeout(breakingOff)
  log.info('stopped')
}

/** Lets requests in flight finish; those of clients that are too slow are cut at the deadline, and were not answered. */
async function closeServer(server: FastifyInstance, deadlineMs: number): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), deadlineMs)
  await server.close()
  clearTimeout(cut)
}
