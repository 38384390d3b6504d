import { useQuery } from '@tanstack/react-query'
import type { HistoryAnswer } from '../api/answers.ts'
import { type FolderKey, historyQuery } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { Mark, type Tone } from '../parts/mark.tsx'
import { count, counted, duration, size } from '../words/amounts.ts'
import { wallClock } from '../words/times.ts'

type Attempt = HistoryAnswer['attempts'][number]

const tones: Record<Attempt['end'], Tone> = {
  succeeded: 'good',
  retried: 'warn',
  failed: 'bad',
  timed_out: 'bad',
  pending: 'quiet',
  canceled: 'quiet',
  running: 'busy',
}

/** What was tried for the folder, the newest first. */
export function FolderHistory({ folder }: { folder: FolderKey }) {
  const history = useQuery(historyQuery(folder))
  if (history.isPending) return <Loading what="the history" />
  if (history.isError) return <Failure failure={history.error} again={history.refetch} />
  const { attempts, runs } = history.data
  const waiting = runs.filter(({ state }) => state === 'pending' || state === 'retried')
  return (
    <div className="stack">
      {waiting.map((run) => (
        <p key={run.kind} className="num">
          {run.kind === 'sync' ? 'A sync' : 'The export'} waits, due {wallClock(run.due_at)}
          {run.next_attempt_at !== undefined && `, tried next ${wallClock(run.next_attempt_at)}`}.
        </p>
      ))}
      {attempts.length === 0 && <p className="soft">Nothing was tried for it yet.</p>}
      <ol className="attempts">
        {attempts.map((attempt) => (
          <AttemptEntry key={`${attempt.kind} ${attempt.started_at} ${attempt.attempt}`} attempt={attempt} />
        ))}
      </ol>
    </div>
  )
}

function AttemptEntry({ attempt }: { attempt: Attempt }) {
  const { kind, attempt: number, end, started_at: started, ended_at: ended, error } = attempt
  return (
    <li className="attempt num">
      <Mark tone={tones[end]}>
        <strong>{kind}</strong> attempt {number}: {end.replace('_', ' ')}
      </Mark>
      <p className="soft">
        {wallClock(started)}
        {ended !== undefined && `, ${duration((Date.parse(ended) - Date.parse(started)) / 1000)}`}:{' '}
        {counted(attempt.files, 'file')}, {count(attempt.events)} events, {size(attempt.bytes)}
      </p>
      {error !== undefined && (
        <p className="break">
          <code>{error.code}</code> {error.message}
        </p>
      )}
    </li>
  )
}
