import type { PipelineJob } from '../../http/contract/pipeline-answers.ts'
import { countOf } from '../import/progress-text.ts'

const minuteMs = 60_000

/** As `, 360,000 events, 40,000 events a second, 3 min left`; nothing of what is not known. */
export function leftText({ progress }: PipelineJob, nowMs: number): string {
  if (progress === undefined || progress.events_done === 0) return ''
  const { events_per_second: rate, estimated_end: end } = progress
  return [
    '',
    countOf(progress.events_done, 'event'),
    ...(rate === undefined ? [] : [`${countOf(rate, 'event')} a second`]),
    ...(end === undefined ? [] : [`${durationText(Date.parse(end) - nowMs)} left`]),
  ].join(', ')
}

/** As `45 s`, `3 min`, `2 h 5 min`: rounded up. */
function durationText(ms: number): string {
  if (ms < minuteMs) return `${Math.max(Math.ceil(ms / 1000), 0)} s`
  const minutes = Math.ceil(ms / minuteMs)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
