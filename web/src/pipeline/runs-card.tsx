import type { PipelineProgress, WatchedRun } from '../api/answers.ts'
import { Mark } from '../parts/mark.tsx'
import { useNow } from '../parts/use-now.ts'
import { count, counted, duration, percent, size } from '../words/amounts.ts'
import { folderId } from './folder-id.ts'
import type { Watch } from './use-watch.ts'

const steps = ['planning', 'writing', 'finishing'] as const
const shownMax = 8

/** What is being exported at this moment. */
export function RunsCard({ watch: { stream, pipeline } }: { watch: Watch }) {
  const nowMs = useNow(1000)
  const runs = pipeline?.runs ?? []
  const progress = pipeline?.progress
  const toDo = progress?.folders_to_do ?? 0
  if (runs.length === 0 && toDo === 0) return null
  const waiting = pipeline?.state === 'paused' ? 'Waiting until it is resumed' : 'Waiting for its turn'
  return (
    <section className="card" aria-label="Runs under way">
      <header>
        <h2>{runs.length === 0 ? waiting : `${counted(runs.length, 'run')} under way`}</h2>
        {stream === 'open' ? <Mark tone="busy">live</Mark> : <Mark tone="warn">not live: reconnecting</Mark>}
      </header>
      <div className="body stack">
        {progress !== undefined && toDo > 0 && <Whole progress={progress} nowMs={nowMs} />}
        {runs.slice(0, shownMax).map((run) => (
          <Run key={`${run.kind} ${folderId(run)}`} run={run} nowMs={nowMs} />
        ))}
        {runs.length > shownMax && <p className="soft">and {runs.length - shownMax} more</p>}
      </div>
    </section>
  )
}

/** All that is due, in folders. */
function Whole({ progress, nowMs }: { progress: PipelineProgress; nowMs: number }) {
  const all = progress.folders_done + progress.folders_to_do
  return (
    <div className="run num">
      <div className="line">
        <strong>
          {count(progress.folders_done)} of {counted(all, 'folder')}
        </strong>
        <span className="soft">{pace(progress, nowMs)}</span>
      </div>
      <progress aria-label="Folders delivered" value={progress.folders_done} max={all} />
    </div>
  )
}

function Run({ run, nowMs }: { run: WatchedRun; nowMs: number }) {
  const { events_done: done, events_to_do: toDo, bytes_done: bytes } = run.progress
  const name = `${run.kind === 'sync' ? 'Sync of ' : ''}${run.hour === undefined ? run.date : `${run.date} ${run.hour}:00`}`
  return (
    <div className="run num">
      <div className="line">
        <span>
          <strong>{name}</strong>
          {run.attempt > 1 && <span className="soft"> attempt {run.attempt}</span>}
        </span>
        <ol className="run-steps" aria-label="Steps">
          {steps.map((step) => (
            <li key={step} aria-current={step === run.step ? 'step' : undefined}>
              {step}
            </li>
          ))}
        </ol>
      </div>
      <progress aria-label={`Events of ${name}`} value={done} max={Math.max(1, done + (toDo ?? 0))} />
      <div className="line soft">
        <span>
          {count(done)} events, {size(bytes)}, {counted(run.files_done, 'file')} in the bucket
          {toDo !== undefined && ` (${percent(done, done + toDo)} % of about ${count(done + toDo)})`}
        </span>
        <span>{pace(run.progress, nowMs)}</span>
      </div>
    </div>
  )
}

/** `40,000 events/s, 3.00 MB/s, about 3 min left`. */
function pace(progress: WatchedRun['progress'], nowMs: number): string {
  const parts = []
  if (progress.events_per_second !== undefined) parts.push(`${count(progress.events_per_second)} events/s`)
  if (progress.bytes_per_second !== undefined) parts.push(`${size(progress.bytes_per_second)}/s`)
  if (progress.estimated_end !== undefined) {
    const seconds = (Date.parse(progress.estimated_end) - nowMs) / 1000
    parts.push(seconds > 0 ? `about ${duration(seconds)} left` : 'about to end')
  }
  return parts.length === 0 ? 'no rate yet' : parts.join(', ')
}
