import { useMutation } from '@tanstack/react-query'
import type { VerifyAnswer } from '../api/answers.ts'
import { type FolderKey, verifyFolder } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Mark } from '../parts/mark.tsx'
import { count, counted } from '../words/amounts.ts'
import { wallClock } from '../words/times.ts'

/** Reads the folder back from the bucket, when one asks. */
export function FolderVerification({ folder }: { folder: FolderKey }) {
  const verify = useMutation({ mutationFn: () => verifyFolder(folder) })
  return (
    <div className="stack">
      <p className="soft">
        Reads every file back from the bucket and holds it against what was exported and against the store:
        length, checksum, encryption, number of events, what is there and should not be, and{' '}
        <code>complete</code>. It changes nothing.
      </p>
      <div className="button-row">
        <button type="button" className="primary" onClick={() => verify.mutate()} disabled={verify.isPending}>
          {verify.isPending ? 'Reading the bucket…' : 'Verify the folder'}
        </button>
      </div>
      {verify.isError && <Failure failure={verify.error} />}
      <div aria-live="polite">{verify.data !== undefined && <Verified answer={verify.data} />}</div>
    </div>
  )
}

function Verified({ answer }: { answer: VerifyAnswer }) {
  if (answer.state !== 'finished') {
    return (
      <p>
        <Mark tone="warn">Not verified</Mark>{' '}
        {answer.state === 'pending' ? 'A run waits for it or works on it.' : 'Its run failed.'}
      </p>
    )
  }
  return (
    <div className="stack tight">
      <p>
        <Mark tone={answer.ok ? 'good' : 'bad'}>
          <strong>{answer.ok ? 'Verified' : `${counted(answer.differences.length, 'difference')}`}</strong>
        </Mark>
      </p>
      <p className="num">
        {counted(answer.files, 'file')}, {count(answer.events)} events, read {wallClock(answer.verified_at)}
      </p>
      {!answer.ok && (
        <>
          <ul className="attempts">
            {answer.differences.map(({ kind, key, found }) => (
              <li key={`${kind} ${key}`} className="attempt break">
                <strong>{kind}</strong> <code>{key}</code>: {found}
              </li>
            ))}
          </ul>
          <p className="soft">
            <code>penstock verify --repair</code> exports a folder that differs again.
          </p>
        </>
      )}
    </div>
  )
}
