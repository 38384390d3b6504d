/**
 * Takes jobs off the queue and hands their runs to a handler, a bounded number at once and of one project at once.
 *
 *   taking ──stop──▶ finishing ──half the deadline──▶ aborting ──deadline──▶ over
 */
import type { Job } from 'pg-boss'
import type { Logger } from 'pino'
import type { ProjectId, RunId } from '../../ids.ts'
import { settledWithin } from '../../settled-within.ts'
import { parseJobData } from './export-run-queue.ts'

/** Works one run. `signal` is aborted when the process can't wait for it any longer. */
export type RunHandler = (runId: RunId, signal: AbortSignal) => Promise<void>

export interface WorkOptions {
  /** Runs at once. */
  concurrency: number
  /** Of them, runs of one project at once: nobody's backfill takes every place. */
  perProjectMax: number
  /** Projects of which no more may be taken, whatever this worker has of them. Their jobs wait. */
  projectsAtBound?(): Promise<readonly ProjectId[]>
  /** How long an empty queue is left alone: a new run starts within it. */
  pollMs: number
}

export interface RunWorker {
  /** Since the queue last answered, or was left alone for want of a free place. */
  silentMs(): number
  stop(deadlineMs: number): Promise<void>
}

interface Queue {
  /** The next job that isn't of one of these projects, if there is any. */
  take(projectsAtBound: string[]): Promise<Job<unknown> | undefined>
  complete(job: Job<unknown>): Promise<void>
}

export function startRunWorker(
  queue: Queue,
  handler: RunHandler,
  options: WorkOptions,
  log: Logger,
): RunWorker {
  const inHand = new Map<Promise<void>, string>()
  const abort = new AbortController()
  let stopping = false
  let wake: () => void = () => {}
  let answeredAtMs = performance.now()

  const work = async (job: Job<unknown>): Promise<void> => {
    try {
      const runId = parseJobData(job.data)
      if (runId === undefined) log.error({ jobId: job.id }, 'a job that names no run was dropped')
      else await handler(runId, abort.signal)
    } catch (error) {
      // The run's lease says what becomes of it.
      log.error({ err: error, job: job.data }, 'a run was left to its lease')
    }
    // Not completed, it would only lie about until pg-boss tidies it away.
    await queue
      .complete(job)
      .catch((error) => log.warn({ err: error, jobId: job.id }, 'a job was not completed'))
  }

  const start = (job: Job<unknown>): void => {
    const working = work(job).then(() => {
      inHand.delete(working)
      wake()
    })
    inHand.set(working, job.groupId ?? '')
  }

  const takeJobs = async (): Promise<void> => {
    while (!stopping) {
      const waited = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (inHand.size < options.concurrency) {
        const taken = await takeQuietly(queue, () => projectsAtBound(inHand, options), log)
        if (taken !== undefined) answeredAtMs = performance.now()
        const job = taken?.job
        if (job !== undefined) {
          start(job)
          continue
        }
      } else answeredAtMs = performance.now()
      await settledWithin(waited, options.pollMs)
    }
  }

  const taking = takeJobs()
  return {
    silentMs: () => performance.now() - answeredAtMs,
    stop: async (deadlineMs) => {
      stopping = true
      wake()
      await taking
      const over = () => Promise.allSettled(inHand.keys())
      await settledWithin(over(), deadlineMs / 2)
      abort.abort(new Error('the process is shutting down'))
      await settledWithin(over(), deadlineMs / 2)
      if (inHand.size > 0) log.warn({ runs: inHand.size }, 'runs were left to their leases at the shutdown')
    },
  }
}

/** A database that is away is no reason to end: the queue is asked again after a moment. */
async function takeQuietly(
  queue: Queue,
  projectsAtBound: () => Promise<string[]>,
  log: Logger,
): Promise<{ job: Job<unknown> | undefined } | undefined> {
  try {
    return { job: await queue.take(await projectsAtBound()) }
  } catch (error) {
    log.warn({ err: error }, 'the job queue could not be read')
    return undefined
  }
}

/** Projects that have as many runs in hand as they may, here or in all. */
async function projectsAtBound(
  inHand: ReadonlyMap<unknown, string>,
  options: Pick<WorkOptions, 'perProjectMax' | 'projectsAtBound'>,
): Promise<string[]> {
  const counts = new Map<string, number>()
  for (const project of inHand.values()) counts.set(project, (counts.get(project) ?? 0) + 1)
  const here = [...counts].filter(([, count]) => count >= options.perProjectMax).map(([project]) => project)
  const inAll = (await options.projectsAtBound?.()) ?? []
  return [...here, ...inAll.map(String)]
}
