/**
 * Works one run, from its claim to its end. Here and in work-run.ts the two planes meet: the run and its pipeline come from
 * the control plane, the folder goes through the data plane.
 */
import { backoffMs } from '../backoff.ts'
import type { RunNudges } from '../control/jobs/run-jobs.ts'
import { type ClaimedRun, claimRun } from '../control/runs/claim-run.ts'
import { type RunResult, refuseRun, timeOutRun } from '../control/runs/finish-run.ts'
import { renewLease } from '../control/runs/renew-lease.ts'
import { handBackRun, retryRun } from '../control/runs/retry-run.ts'
import { elapsedMs } from '../elapsed.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import type { RunId } from '../ids.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { keepRunLease, LeaseOver, type RunLease } from './run-lease.ts'
import { type Delivered, type WorkRunDeps, workRun } from './work-run.ts'

export interface RunExportDeps extends WorkRunDeps {
  jobs: RunNudges
  metrics: Metrics
  tracing: Tracing
  workerId: string
  leaseMs: number
  /** Runs of one project in all workers' hands; undefined: no bound. */
  projectRunsMax?: number
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

/** Short runs end before anybody could watch them: they are told of once, at their end. */
const tellMs = 2000

/** No run waits longer than this for its next attempt. */
const retryWaitMaxMs = 15 * 60_000

/** Does nothing when the run is not to be had: another worker was first, or its pipeline is paused. */
export async function runExport(deps: RunExportDeps, runId: RunId, shutdown: AbortSignal): Promise<void> {
  const { db, workerId, leaseMs, projectRunsMax } = deps
  const claimedAtMs = elapsedMs()
  const claimed = await claimRun(db, { runId, workerId, leaseMs, nowMs: deps.clock.nowMs(), projectRunsMax })
  if (claimed === undefined) return
  const delivered: Delivered = { files: 0, events: 0, bytes: 0, step: 'planning' }
  const log = deps.log.child(logFields(claimed))
  const lease = keepRunLease({
    claimedAtMs,
    leaseMs,
    timeoutMs: deps.timeoutMs,
    tellMs,
    shutdown,
    renew: () => renewLease(db, { ...claimed, leaseMs, nowMs: deps.clock.nowMs() }, delivered),
  })
  try {
    log.info({ folder: claimed.folder, kind: claimed.kind }, 'run started')
    const { finished, ...result } = await deps.tracing.span('run', { attributes: spanFields(claimed) }, () =>
      workRun({ ...deps, log }, claimed, lease, delivered),
    )
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
