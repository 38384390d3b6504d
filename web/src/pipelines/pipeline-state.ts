import type { PipelineJob } from '../api/answers.ts'
import type { Tone } from '../parts/mark.tsx'

export interface StateShown {
  tone: Tone
  word: string
  /** The lower, the more it wants attention. */
  rank: number
}

/** One word for how a pipeline is. Pure. */
export function stateOf(job: PipelineJob): StateShown {
  if (job.state === 'paused') {
    return job.pause_reason === undefined
      ? { tone: 'quiet', word: 'paused', rank: 3 }
      : { tone: 'bad', word: 'paused by a refusal', rank: 0 }
  }
  if ((job.progress?.folders_failed ?? 0) > 0) return { tone: 'bad', word: 'folders failed', rank: 1 }
  if (job.last_error !== undefined) return { tone: 'warn', word: 'trying again', rank: 2 }
  if ((job.progress?.folders_to_do ?? 0) > 0) {
    return { tone: 'busy', word: job.Dispatcher === 'backfill' ? 'backfill' : 'exporting', rank: 4 }
  }
  return { tone: 'good', word: 'up to date', rank: 5 }
}

/** Those that want attention first, then by name; with a filter, those whose name or state has it. Pure. */
export function listed(jobs: PipelineJob[], filter: string): PipelineJob[] {
  const wanted = filter.trim().toLowerCase()
  return jobs
    .filter((job) => `${job.name} ${stateOf(job).word} ${job.frequency}`.toLowerCase().includes(wanted))
    .sort(
      (a, b) => stateOf(a).rank - stateOf(b).rank || a.name.localeCompare(b.name, 'en', { numeric: true }),
    )
}
