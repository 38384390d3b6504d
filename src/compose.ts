/** Builds every dependency of a serving process, once, in the order in which they need one another. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type Clock, systemClock } from './clock.ts'
import { composeSearch, composeVerifyFolder } from './compose-console.ts'
import { composeRawExport } from './compose-raw-export.ts'
import { openBlobStore, refuseUnusable } from './compose-store.ts'
import type { Config } from './config/settings.ts'
import { createAccountDirectory } from './control/accounts/account-directory.ts'
import { createConsoleSessions } from './control/accounts/console-sessions.ts'
import { connectDatabase, type DatabaseConnection } from './control/db/connect-database.ts'
import { orDatabaseAway } from './control/db/database-away.ts'
import { type DatabaseClock, openDatabaseClock } from './control/db/database-clock.ts'
import { type OpenDatabase, openDatabase } from './control/db/open-database.ts'
import { type Jobs, startJobs } from './control/jobs/jobs.ts'
import type { RunNudges } from './control/jobs/run-jobs.ts'
import { createProjectTurns } from './control/limits/project-turns.ts'
import { takeFromBucket } from './control/limits/rate-bucket.ts'
import { readProfileValues } from './control/profiles/read-profile-values.ts'
import { updateProfiles } from './control/profiles/update-profiles.ts'
import { createProjectDirectory } from './control/projects/project-directory.ts'
import { createRefusalRecord } from './control/projects/refusals.ts'
import { readBacklog } from './control/runs/read-backlog.ts'
import type { DestinationsOptions } from './data/deliver/access.ts'
import type { Destinations } from './data/deliver/destination.ts'
import { createDestinationProbes } from './data/deliver/destination-probes.ts'
import { createDestinations } from './data/deliver/destinations.ts'
import type { ReadProfiles } from './data/export/profile-values.ts'
import type { BlobStore } from './data/store/blob-store.ts'
import { createEventStore, type EventStore, type ObserveCommit } from './data/store/event-store.ts'
import type { IndexTables } from './data/store/index-tables.ts'
import type { CompactDeps } from './data/store/merge/compact-step.ts'
import { readUsage } from './data/store/project-usage.ts'
import { projectApi } from './http/project-api.ts'
import { buildServer } from './http/server.ts'
import { createEventStreams } from './http/server-events.ts'
import { openPlaceFile, type PlaceFile } from './places/place-file.ts'
import { quotaSettings } from './quota-settings.ts'
import { createReadiness } from './readiness.ts'
import { registerBacklogGauges } from './telemetry/backlog-gauges.ts'
import { registerDiskGauge } from './telemetry/disk-gauge.ts'
import { countAwsRequests, createMetrics, type Metrics } from './telemetry/metrics.ts'
import { observeCommits } from './telemetry/observe-commits.ts'
import { startTracing } from './telemetry/start-tracing.ts'
import { noTracing, type Tracing } from './telemetry/tracing.ts'
import { createThreadPool, type RunInThread, type ThreadPool } from './threads/pool.ts'
import type { CompactorDeps } from './workflows/compactor.ts'
import { boundTests } from './workflows/connection-test/bound-tests.ts'
import {
  createDestinationTests,
  type DestinationTests,
} from './workflows/connection-test/destination-tests.ts'
import { ownPrincipalArn } from './workflows/own-principal.ts'
import type { RunExportDeps } from './workflows/run-export.ts'

/** What every role of a process stands on. */
export interface Foundation {
  database: OpenDatabase
  /** The same database for what clients wait for: its queries end in time, and never wait behind exports. */
  answering: DatabaseConnection
  threads: ThreadPool
  store: EventStore
  blobs: BlobStore
  jobs: Jobs
  metrics: Metrics
  tracing: Tracing
  clock: Clock
  log: Logger
}

const connectionsMax = 16
const answeringConnectionsMax = 8
/** Of one look at what is left to do, for the gauges. */
const backlogMsMax = 2000
/** In the published package, and in a clone. */
const pageFolders = [join(import.meta.dirname, 'web'), join(import.meta.dirname, '../web/dist')]

/** @param given the database's own clock where there is none */
export async function composeFoundation(config: Config, log: Logger, given?: Clock): Promise<Foundation> {
  let threadsQueued = (): number => 0
  const metrics = createMetrics(() => threadsQueued())
  // First what needs no closing when something after it fails.
  const blobs = await openBlobStore(config, log, metrics)
  await refuseUnusable(blobs, log)
  const onSilent = (silentMs: number): void =>
    log.warn(
      { silentMs },
      'the database was silent on a connection: it was ended, what waited there is tried again',
    )
  const database = await openClockedDatabase(config, onSilent)
  const clock = given ?? database.clock
  const jobs = await startJobs({ databaseUrl: database.url, log, onSilent }).catch(async (cause) => {
    await database.close()
    throw cause
  })
  const answering = connectDatabase(database.url, {
    applicationName: 'penstock answering',
    connectionsMax: answeringConnectionsMax,
    answerMsMax: config.databaseAnswerMsMax,
    onSilent,
  })
  const threads = createThreadPool(config.threads)
  threadsQueued = threads.queued
  const tracing = await startTracing(process.env)
  registerDiskGauge(metrics.registry, resolve(config.dataDir))
  registerBacklogGauges(metrics.registry, clock, () =>
    readBacklog(database.db, { nowMs: clock.nowMs(), timeoutMs: backlogMsMax }),
  )
  const connections = { database, answering }
  const observe = observeCommits(metrics, tracing)
  const store = composeStore(config, connections, blobs, threads.run, clock, observe)
  return { database, answering, threads, store, blobs, jobs, metrics, tracing, clock, log }
}

/** Its clock stops with it. */
async function openClockedDatabase(
  config: Config,
  onSilent: (silentMs: number) => void,
): Promise<OpenDatabase & { clock: DatabaseClock }> {
  const database = await openDatabase({ ...config, applicationName: 'penstock', connectionsMax, onSilent })
  const clock = await openDatabaseClock(database.pool).catch(async (cause) => {
    await database.close()
    throw cause
  })
  const close = async (): Promise<void> => {
    clock.stop()
    await database.close()
  }
  return { ...database, clock, close }
}

function composeStore(
  config: Config,
  { database, answering }: Record<'database' | 'answering', DatabaseConnection>,
  blobs: BlobStore,
  run: RunInThread,
  clock: Clock,
  observeCommit?: ObserveCommit,
): EventStore {
  return createEventStore({
    db: database.db.withTables<IndexTables>(),
    commitDb: answering.db.withTables<IndexTables>(),
    blobs,
    run,
    clock,
    commitWindowMs: config.commitWindowMs,
    commitBytesMax: config.commitBytesMax,
    waitingBytesMax: config.ingestBytesInFlightMax,
    commitMsMax: config.commitSecondsMax * 1000,
    partSizeBytes: config.partSizeBytes,
    ...(observeCommit === undefined ? {} : { observeCommit }),
  })
}

export async function composeServer(
  config: Config,
  foundation: Foundation,
  notReady: () => Promise<string[]>,
): Promise<FastifyInstance> {
  const { database, answering, threads, store, jobs, metrics, tracing, clock, log } = foundation
  const projects = createProjectDirectory(answering.db, clock)
  const accounts = createAccountDirectory(answering.db, clock)
  const sessions = createConsoleSessions(answering.db, clock, config.consoleSessionMinutes * 60_000)
  const destinationTests = boundTests(composeDestinationTests(config, log, metrics), {
    turns: createProjectTurns(answering.db, clock, 'connection-test', {
      atOnceMax: config.connectionTestsPerProjectMax,
      windows: [],
    }),
    inAllMax: config.connectionTestsMax,
  })
  const destinations = composeDestinations(config, log, metrics)
  // Downloads have threads of their own: what they open anew must not keep events from being taken in.
  const exportThreads = createThreadPool(Math.ceil(config.threads / 2), { background: true })
  const places = await openPlaces(config, log)
  const refusals = createRefusalRecord(answering.db, clock, log)
  const server = await buildServer({
    log,
    metrics: config.metricsPort === undefined ? metrics.registry : undefined,
    tracing: tracing.isOn ? tracing : undefined,
    onRefused: (reason) => metrics.requestsRefused.inc({ reason }),
    tls:
      config.tlsCert === undefined || config.tlsKey === undefined
        ? undefined
        : { cert: config.tlsCert, key: config.tlsKey },
    trustedProxies: config.trustedProxies,
    pageFolders,
    notReady,
    ingest: {
      clock,
      run: threads.run,
      append: (batch) => {
        tracing.mark(batch)
        return store.append(batch)
      },
      updateProfiles: (projectId, updates, nowMs) => updateProfiles(answering.db, projectId, updates, nowMs),
      projects,
      accounts,
      onRefused: (refusal) => refusals.count(refusal),
      places: places?.database,
      importBytesPerMinuteMax: config.importBytesPerMinuteMax,
      takeFromBucket: (ask) => takeFromBucket(answering.db, ask),
      quotas: quotaSettings(config),
      readUsage: (project) => orDatabaseAway(readUsage(answering.db.withTables<IndexTables>(), project)),
      bytesInFlightMax: config.ingestBytesInFlightMax,
      projectPercentMax: config.ingestProjectPercentMax,
    },
    projectApi: projectApi({
      pipelines: {
        db: answering.db,
        jobs,
        clock,
        projects,
        accounts,
        sessions,
        limits: {
          backfillMonthsMax: config.backfillMonthsMax,
          recurringMax: config.pipelinesRecurringMax,
          datedMax: config.pipelinesDatedMax,
        },
        principalArn: () => ownPrincipalArn(config.awsPrincipalArn),
        destinationTests,
        streams: createEventStreams({
          perProjectMax: config.eventStreamsPerProjectMax,
          inAllMax: config.eventStreamsMax,
        }),
        store,
        ...composeSearch(config, { store, run: exportThreads.run, readProfiles: profileReader(database) }),
        verifyFolder: composeVerifyFolder(config, {
          db: database.db,
          store,
          destinations,
          run: exportThreads.run,
          readProfiles: profileReader(database),
          spoolFolder: spoolFolder(config),
        }),
        log,
      },
      rawExport: composeRawExport(config, {
        store,
        readProfiles: profileReader(database),
        run: exportThreads.run,
        spoolFolder: spoolFolder(config),
      }),
      console: {
        sessions,
        signInsPerMinuteMax: config.consoleSignInsPerMinuteMax,
        setupToken: config.setupToken,
      },
    }),
  })
  server.addHook('onClose', async () => {
    destinationTests.close()
    destinations.close()
    await refusals.stop()
    await places?.stop()
    await exportThreads.close()
  })
  return server
}

function openPlaces(config: Config, log: Logger): Promise<PlaceFile> | undefined {
  return config.geoipDatabase === undefined ? undefined : openPlaceFile(config.geoipDatabase, log)
}

/** What keeps any role from its work: the database, the place of the event store. */
export function composeReadiness({ database, blobs }: Foundation): () => Promise<string[]> {
  return createReadiness(database.pool, blobs)
}

export function composeDestinations(config: Config, log: Logger, metrics?: Metrics): Destinations {
  return createDestinations(destinationsOptions(config, log, metrics))
}

/** The caller's to close. */
export function composeDestinationTests(config: Config, log: Logger, metrics?: Metrics): DestinationTests {
  const probes = createDestinationProbes(destinationsOptions(config, log, metrics))
  const { awsPrincipalArn: configuredPrincipalArn, trustCheck } = config
  return createDestinationTests({ probes, clock: systemClock, log, configuredPrincipalArn }, trustCheck)
}

function destinationsOptions(config: Config, log: Logger, metrics?: Metrics): DestinationsOptions {
  return {
    pathStyle: config.s3PathStyle,
    allowPlainHttp: config.plainHttpEndpoints,
    sessionSeconds: config.assumeRoleSessionSeconds,
    env: process.env,
    log,
    ...(metrics !== undefined && {
      onRequest: countAwsRequests(metrics, 'destination'),
      onRetry: (action: string) => metrics.requestRetries.inc({ action }),
    }),
  }
}

export function composeRunExport(
  config: Config,
  given: Omit<Foundation, 'answering' | 'blobs' | 'jobs'> & { jobs: RunNudges },
  destinations: Destinations,
): RunExportDeps {
  const { database, threads, store, jobs, metrics, tracing, clock, log } = given
  return {
    db: database.db,
    jobs,
    store,
    destinations,
    metrics,
    tracing,
    log,
    run: threads.run,
    readProfiles: profileReader(database),
    clock,
    workerId: `${hostname()}/${process.pid}/${randomUUID()}`,
    spoolFolder: spoolFolder(config),
    partSizeBytes: config.partSizeBytes,
    fileSizeBytes: config.fileSizeBytes,
    dedupKeysInMemoryMax: config.dedupKeysInMemoryMax,
    uploadsMax: config.uploadsMax,
    leaseMs: config.runLeaseSeconds * 1000,
    timeoutMs: config.runMinutesMax * 60_000,
    attemptsMax: config.runAttemptsMax,
    retryBaseMs: config.runRetryBaseMs,
    refusalsMax: config.refusalsMax,
  }
}

function profileReader({ db }: OpenDatabase): ReadProfiles {
  return (projectId, ids, names) => readProfileValues(db, { projectId, ids, names })
}

export function composeCompactor(
  config: Config,
  { database, blobs, clock, metrics, log }: Foundation,
  run: RunInThread,
): CompactorDeps {
  const db = database.db.withTables<IndexTables>()
  return {
    ...compactDeps(config, { db, blobs, run, clock }),
    metrics,
    log,
    bytesPerSecondMax: config.compactionBytesPerSecondMax,
    delayMs: config.compactionDelaySeconds * 1000,
    intervalMs: config.compactionIntervalMs,
  }
}

/** What compaction needs, in `serve` and in `penstock store compact`. */
export function compactDeps(
  config: Config,
  deps: Pick<CompactDeps, 'db' | 'blobs' | 'run' | 'clock'>,
): Omit<CompactDeps, 'signal'> {
  const { partSizeBytes, mergeBytesMax, retentionDays } = config
  return { ...deps, partSizeBytes, mergeBytesMax, retentionDays }
}

function spoolFolder(config: Config): string {
  return join(resolve(config.dataDir), 'spool')
}

/** A folder that this does not mend at once has something wrong that waiting does not change. */
const repairAttemptsMax = 3

/** What `verify` and its repair take, beside a serving process or without one. */
export async function composeVerification(
  config: Config,
  database: OpenDatabase,
  log: Logger,
): Promise<{ deps: RunExportDeps; close(): Promise<void> }> {
  const clock = await openDatabaseClock(database.pool)
  const threads = createThreadPool(config.threads)
  const blobs = await openBlobStore(config, log)
  const store = composeStore(config, { database, answering: database }, blobs, threads.run, clock)
  // A run that is left half done is found by a scheduler.
  const jobs: RunNudges = { enqueue: async () => {} }
  const metrics = createMetrics(threads.queued)
  const destinations = composeDestinations(config, log, metrics)
  const given = { database, threads, store, jobs, metrics, tracing: noTracing, clock, log }
  return {
    deps: { ...composeRunExport(config, given, destinations), attemptsMax: repairAttemptsMax },
    close: async () => {
      clock.stop()
      destinations.close()
      await threads.close()
      blobs.close()
    },
  }
}
