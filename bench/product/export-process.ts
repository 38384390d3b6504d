/**
 * A worker in a process of its own, built as `serve` builds it, that exports when it is told to: what it is timed at is a
 * run from its claim to its success.
 *
 * Reads its settings from the environment; takes a pipeline's name and its project's id, answers with what its run took.
 */
import { systemClock } from '../../src/clock.ts'
import { composeDestinations, composeFoundation, composeRunExport } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { planLateSyncs } from '../../src/workflows/plan-late-syncs.ts'
import { runExport } from '../../src/workflows/run-export.ts'
import { forgetPeakRss, peakRssOf } from '../harness/process-usage.ts'
import type { ExportAnswer, ExportOrder, RunOrder } from './export-orders.ts'

const config = readConfig(process.env)
const log = createLogger(config.logLevel)
const foundation = await composeFoundation(config, log, systemClock)
const destinations = composeDestinations(config, log)
const deps = composeRunExport(config, foundation, destinations)
const neverStopped = new AbortController().signal

process.on('message', (order: ExportOrder) => {
  if (order.kind === 'stop') void stop()
  else void (order.kind === 'look' ? look() : work(order)).then((answer) => process.send?.(answer))
})
// Without the bench there is nobody left to work for.
process.once('disconnect', () => process.exit())
process.send?.({ kind: 'ready' } satisfies ExportAnswer)

async function look(): Promise<ExportAnswer> {
  const { database, store, jobs } = foundation
  // The bench's days lie long ago.
  const times = { syncIntervalMs: 1000, syncDaysMax: 36_500 }
  await planLateSyncs({ db: database.db, store, jobs, clock: systemClock, log, ...times })
  return { kind: 'looked' }
}

async function work({ projectId, pipeline }: RunOrder): Promise<ExportAnswer> {
  try {
    const runs = foundation.database.db
      .selectFrom('run')
      .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
      .where('pipeline.project_id', '=', projectId as ProjectId)
      .where('pipeline.name', '=', pipeline)
    const { id } = await runs.select('run.id').where('run.state', '=', 'pending').executeTakeFirstOrThrow()
    forgetPeakRss(process.pid)
    const cpuBefore = process.cpuUsage()
    const startedMs = performance.now()
    await runExport(deps, id, neverStopped)
    const seconds = (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(cpuBefore)
    const usage = { seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRssOf(process.pid) }
    const columns = ['state', 'files', 'events', 'bytes', 'error_code', 'error_message'] as const
    const ended = await foundation.database.db
      .selectFrom('run')
      .select(columns)
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (ended.state !== 'succeeded') {
      return {
        kind: 'failed',
        message: `the run ended ${ended.state}: ${ended.error_code} ${ended.error_message}`,
      }
    }
    const { files, events, bytes } = ended
    return { kind: 'exported', ...usage, files: files ?? 0, events: events ?? 0, bytes: bytes ?? 0 }
  } catch (cause) {
    return {
      kind: 'failed',
      message: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    }
  }
}

async function stop(): Promise<void> {
  await foundation.jobs.stop({ deadlineMs: 0 })
  destinations.close()
  await foundation.threads.close()
  await foundation.database.close()
  process.disconnect()
}
