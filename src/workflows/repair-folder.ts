/**
 * Exports a damaged folder again. It is a run like any other, so that no folder ever has two writers: it waits for whoever
 * works on the folder, and a worker of a serving process that comes first does it as well.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { readRunEnd, repairRun } from '../control/runs/repair-run.ts'
import type { LocalHour, PipelineId } from '../ids.ts'
import { type RunExportDeps, runExport } from './run-export.ts'

const pollMs = 500

/** What keeps the folder from being whole, in words; undefined: it was exported. */
export async function repairFolder(
  deps: RunExportDeps,
  folder: { pipelineId: PipelineId; localHour: LocalHour },
  signal: AbortSignal,
): Promise<string | undefined> {
  const runId = await repairRun(deps.db, folder, deps.clock.nowMs())
  if (runId === undefined)
    return 'a run of the folder waits or works already: verify it again when it is done'
  for (;;) {
    await runExport(deps, runId, signal)
    const end = await readRunEnd(deps.db, runId)
    if (end?.state === 'succeeded') return undefined
    if (end !== undefined) return end.error?.message ?? `its run was ${end.state.replace('_', ' ')}`
    await sleep(pollMs, undefined, { signal })
  }
}
