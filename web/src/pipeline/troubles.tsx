import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FoldersAnswer, PipelineJob, RunEntry, WatchedPipeline } from '../api/answers.ts'
import { troubledRunsQuery } from '../api/pipeline-calls.ts'
import { Mark } from '../parts/mark.tsx'
import { count } from '../words/amounts.ts'
import { wallClock } from '../words/times.ts'
import { TestAndResume } from './test-and-resume.tsx'
import { usePipeline } from './use-pipeline.ts'

interface Props {
  job: PipelineJob | undefined
  whole: FoldersAnswer
  watched: WatchedPipeline | undefined
}

const shownFirst = 5

/** What keeps folders from being delivered: each cause once, with what to do about it. */
export function Troubles({ job, whole, watched }: Props) {
  const runs = useQuery(troubledRunsQuery(usePipeline()))
  const troubled = Object.values(runs.data ?? {}).flat()
  const reason = watched === undefined ? job?.pause_reason : watched.pause_reason
  const lastError = watched === undefined ? job?.last_error : watched.last_error
  const causes = causesOf(troubled, reason === undefined ? lastError : undefined)
  return (
    <>
      {job?.trust_warning !== undefined && (
        <div className="notice warn">
          <p>{job.trust_warning}</p>
        </div>
      )}
      {(reason !== undefined || causes.length > 0) && (
        <section className="card" aria-labelledby="troubles">
          <header>
            <h2 id="troubles">What keeps folders from being delivered</h2>
          </header>
          <div className="body stack">
            {reason !== undefined && (
              <div className="notice bad">
                <p className="break">{reason}</p>
              </div>
            )}
            {causes.map((cause) => (
              <CauseOfRuns key={cause.code} cause={cause} folded={reason !== undefined} />
            ))}
            <TestAndResume destination={whole.destination} paused={whole.state === 'paused'} />
          </div>
        </section>
      )}
    </>
  )
}

interface Cause {
  code: string
  /** Of the newest run; the others differ in keys and numbers of requests. */
  message: string
  runs: RunEntry[]
}

/** A refused bucket fails every folder alike: it is told once. Pure. */
function causesOf(runs: RunEntry[], lastError: { code: string; message: string } | undefined): Cause[] {
  const causes = new Map<string, Cause>()
  for (const run of runs.toSorted((a, b) => b.from_date.localeCompare(a.from_date))) {
    if (run.error === undefined) continue
    const cause = causes.get(run.error.code) ?? { ...run.error, runs: [] }
    cause.runs.push(run)
    causes.set(cause.code, cause)
  }
  if (causes.size === 0 && lastError !== undefined) return [{ ...lastError, runs: [] }]
  return [...causes.values()].sort((a, b) => b.runs.length - a.runs.length)
}

interface CauseProps {
  cause: Cause
  /** The reason of the pause says the same already. */
  folded: boolean
}

function CauseOfRuns({ cause: { code, message, runs }, folded }: CauseProps) {
  const [all, setAll] = useState(false)
  const shown = all ? runs : runs.slice(0, shownFirst)
  return (
    <div className="stack tight">
      {folded ? (
        <details>
          <summary>
            <strong>{code}</strong>, as the newest run has it
          </summary>
          <p className="break">{message}</p>
        </details>
      ) : (
        <div className="notice bad">
          <p className="break">
            <strong>{code}</strong> {message}
          </p>
        </div>
      )}
      <ul className="button-row plain-list num soft">
        {shown.map((run) => (
          <li key={`${run.kind} ${run.from_date}`}>
            <Mark tone={run.state === 'retried' ? 'warn' : 'bad'}>
              {run.kind === 'sync' ? 'sync of ' : ''}
              {wallClock(run.from_date).replace(' 00:00:00', '')}{' '}
              {run.state === 'retried' ? 'tries again' : run.state}
            </Mark>
          </li>
        ))}
        {runs.length > shown.length && (
          <li>
            <button type="button" onClick={() => setAll(true)}>
              Show all {count(runs.length)}
            </button>
          </li>
        )}
      </ul>
    </div>
  )
}
