/**
 * Works one run, from its claim to its end. The only place where the two planes meet: the run and its pipeline come
 * from the control plane, the folder goes through the data plane.
 */
import type { Kysely } from 'kysely'
import { backoffMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../control/db/tables.ts'
import { readFolder } from '../control/folders/read-folder.ts'
import { recordExport, recordSync, recordSyncTime } from '../control/folders/record-folder.ts'
import type { RunNudges } from '../control/jobs/run-jobs.ts'
import { type ClaimedRun, claimRun } from '../control/runs/claim-run.ts'
import {
  type RunResult,
  type RunSuccess,
  refuseRun,
  succeedRun,
  timeOutRun,
} from '../control/runs/finish-run.ts'
import { renewLease } from '../control/runs/renew-lease.ts'
import { handBackRun, retryRun } from '../control/runs/retry-run.ts'
import { pinContents, type RunContents } from '../control/runs/run-contents.ts'
import type { Destinations } from '../data/deliver/destination.ts'
import { askedOfUsers } from '../data/segmentation/where.ts'
import { elapsedMs } from '../elapsed.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import type { RunId } from '../ids.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { destinationTarget } from './destination-target.ts'
import { exportFolder, type FolderExport } from './export-folder.ts'
import { keepRunLease, LeaseOver, type RunLease } from './run-lease.ts'
import { type SyncFolderDeps, syncFolder } from './sync-folder.ts'

export interface RunExportDeps extends SyncFolderDeps {
  db: Kysely<Database>
  jobs: RunNudges
  destinations: Destinations
  clock: Clock
  metrics: Metrics
  tracing: Tracing
  workerId: string
  leaseMs: number
  /** Of one attempt. */
  timeoutMs: number
  attemptsMax: number
  retryBaseMs: number
  /** Runs refused in a row after which the pipeline is paused. */
  refusalsMax: number
}

/**
 * What only the operator can mend, and no customer. It stops everybody's exports, so no pipeline is paused and no run
 * given up for it: they go on by themselves once it is mended.
 */
const operatorsFault: ReadonlySet<string> = new Set([
  'OWN_CREDENTIALS_MISSING',
  'OWN_CREDENTIALS_INVALID',
  'OWN_CREDENTIALS_EXPIRED',
  'CLOCK_SKEWED',
  'STORE_READ_FAILED',
])

/** No run waits longer than this for its next attempt. */
const retryWaitMaxMs = 15 * 60_000

/** Does nothing when the run is not to be had: another worker was first, or its pipeline is paused. */
export async function runExport(deps: RunExportDeps, runId: RunId, shutdown: AbortSignal): Promise<void> {
  const { db, workerId, leaseMs } = deps
  const claimedAtMs = elapsedMs()
  const claimed = await claimRun(db, { runId, workerId, leaseMs, nowMs: deps.clock.nowMs() })
  if (claimed === undefined) return
  const delivered: RunResult = { files: 0, events: 0, bytes: 0 }
  const log = deps.log.child(logFields(claimed))
  const lease = keepRunLease({
    claimedAtMs,
    leaseMs,
    timeoutMs: deps.timeoutMs,
    shutdown,
    renew: () => renewLease(db, { ...claimed, leaseMs, nowMs: deps.clock.nowMs() }, delivered),
  })
  try {
    log.info({ folder: claimed.folder, kind: claimed.kind }, 'run started')
    const { record, ...result } = await deps.tracing.span('run', { attributes: spanFields(claimed) }, () =>
      deps.store.hold(() => workClaimed({ ...deps, log }, claimed, lease, delivered)),
    )
    const nowMs = deps.clock.nowMs()
    const finished = await succeedRun(db, claimed, { ...result, nowMs, record })
    if (finished) countExported(deps.metrics, result)
    log.info({ ...result, finished }, finished ? 'run succeeded' : 'run was taken over by another worker')
  } catch (cause) {
    await endFailed({ ...deps, log }, claimed, lease, cause)
  } finally {
    lease.release()
  }
}

/** What every line says of the run that it is about. */
function logFields({ runId, attempt, project, pipeline }: ClaimedRun) {
  const { id, name } = pipeline
  return { run: runId, attempt, project: project.id, pipeline: id, pipelineName: name }
}

function spanFields({ runId, attempt, kind, project, pipeline }: ClaimedRun) {
  return {
    'penstock.run': runId,
    'penstock.attempt': attempt,
    'penstock.run_kind': kind,
    'penstock.project': project.id,
    'penstock.pipeline': pipeline.id,
  }
}

type WorkedFolder = Required<Omit<RunSuccess, 'nowMs'>>

/** @param delivered is kept up to date while it works */
async function workClaimed(
  given: RunExportDeps,
  claimed: ClaimedRun,
  lease: RunLease,
  delivered: RunResult,
): Promise<WorkedFolder> {
  const folder = { pipelineId: claimed.pipeline.id, ...claimed.folder }
  const contents = await settleContents(given, claimed)
  const { partSizeBytes, fileSizeBytes } = contents
  const deps = { ...given, partSizeBytes, fileSizeBytes }
  const work: FolderExport = {
    ...folderExport(deps, claimed, contents, lease),
    onDelivered: ({ events, bytes }) => {
      delivered.files += 1
      delivered.events += events
      delivered.bytes += bytes
    },
  }
  if (claimed.kind === 'export') {
    const { contents: exported, ...result } = await exportFolder(deps, work)
    return { ...result, record: (tx, nowMs) => recordExport(tx, folder, exported, nowMs) }
  }
  const synced = await syncFolder(deps, work, await readFolder(deps.db, folder))
  const { files, events, bytes } = synced
  return {
    ...{ files, events, bytes },
    record: async (tx, nowMs) => {
      if ('change' in synced) return await recordSync(tx, folder, synced.change, nowMs)
      await recordExport(tx, folder, synced.exported, nowMs)
      await recordSyncTime(tx, folder, nowMs)
    },
  }
}

function folderExport(
  deps: RunExportDeps,
  { project, pipeline, folder }: ClaimedRun,
  { snapshot, events, where }: RunContents,
  lease: RunLease,
): FolderExport {
  const { destination } = pipeline
  return {
    projectId: project.id,
    prefix: destination.prefix,
    window: folder,
    manifest: pipeline.manifest
      ? {
          pipeline: pipeline.name,
          projectId: project.id,
          timeZone: project.timeZone,
          prefix: destination.prefix,
          window: folder,
        }
      : undefined,
    eventNames: events,
    where,
    // Profiles have no history: each attempt reads them as they are, and the folder's record says when.
    profilesReadAtMs: askedOfUsers(where).length > 0 ? deps.clock.nowMs() : null,
    snapshot,
    lease,
    destination: deps.destinations.open(
      destinationTarget(destination, {
        projectId: project.id,
        externalId: project.token,
        purpose: pipeline.name,
      }),
      deps.log,
    ),
  }
}

/** Every attempt exports what the first one saw, so whatever it left in the bucket is what this one writes. */
async function settleContents(
  { db, store, partSizeBytes, fileSizeBytes }: RunExportDeps,
  claimed: ClaimedRun,
): Promise<RunContents> {
  if (claimed.contents !== undefined) return claimed.contents
  const { events, where } = claimed.pipeline
  const snapshot = claimed.snapshotCommit ?? (await store.snapshot())
  const contents = { snapshot, events, where, partSizeBytes, fileSizeBytes }
  if (!(await pinContents(db, claimed, contents))) throw new LeaseOver('lost')
  return contents
}

async function endFailed(
  deps: RunExportDeps,
  claimed: ClaimedRun,
  lease: RunLease,
  cause: unknown,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  // Once the lease is over, whatever was thrown is only how the work broke off.
  const over = lease.signal.aborted ? lease.signal.reason : cause
  if (over instanceof LeaseOver) return await endLease(deps, claimed, over, nowMs)

  const error = toRunError(cause)
  deps.log.warn({ err: cause, code: error.code, retryable: error.retryable }, 'run failed')
  const isOperators = operatorsFault.has(error.code)
  const isRefusal = !error.retryable && !isOperators
  deps.metrics.runsEnded.inc({ outcome: isRefusal ? 'refused' : 'retried' })
  if (isRefusal) {
    await refuseRun(deps.db, claimed, { error, refusalsMax: deps.refusalsMax, nowMs })
    return
  }
  const delayMs = backoffMs(
    claimed.attempt,
    { firstMaxMs: deps.retryBaseMs, maxMs: retryWaitMaxMs },
    Math.random(),
  )
  const attemptsMax = isOperators ? Number.MAX_SAFE_INTEGER : deps.attemptsMax
  await retryRun(deps.db, deps.jobs, claimed, { error, delayMs, attemptsMax, nowMs })
}

async function endLease(
  deps: RunExportDeps,
  claimed: ClaimedRun,
  over: LeaseOver,
  nowMs: number,
): Promise<void> {
  deps.log.info({ end: over.end }, 'run broken off')
  deps.metrics.runsEnded.inc({ outcome: 'broken off' })
  if (over.end === 'lost') return
  if (over.end === 'timeout') {
    const minutes = Math.round(deps.timeoutMs / 60_000)
    const message = `the attempt took longer than ${minutes} minutes; raise PENSTOCK_RUN_MINUTES_MAX, or look for a slow destination, then resume the pipeline`
    await timeOutRun(deps.db, claimed, { error: { code: 'RUN_TIMED_OUT', message }, nowMs })
    return
  }
  await handBackRun(deps.db, deps.jobs, claimed, { nowMs })
}

function countExported(metrics: Metrics, { events, bytes }: RunResult): void {
  metrics.runsEnded.inc({ outcome: 'succeeded' })
  metrics.eventsExported.inc(events)
  metrics.bytesExported.inc(bytes)
}

/** What nobody foresaw may pass, so it is tried again, a bounded number of times. */
function toRunError(cause: unknown): PenstockError {
  if (cause instanceof PenstockError) return cause
  return new PenstockError(
    'invariant',
    'RUN_FAILED',
    'the run met an error that Penstock does not know; its log has it',
    {
      cause,
      retryable: true,
    },
  )
}
