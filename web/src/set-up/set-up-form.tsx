import { useMutation } from '@tanstack/react-query'
import { Link, useLocation, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useId, useState } from 'react'
import type { SetUpAnswer } from '../api/answers.ts'
import { useSetUp } from '../api/installation.ts'
import { CallFailed } from '../api/request.ts'
import { Failure } from '../parts/failure.tsx'
import { Field } from '../parts/field.tsx'
import { ownTimeZone, timeZones } from './time-zones.ts'

/** The first project's name and time zone, and the token that shows whose Penstock this is. */
export function SetUpForm({ onMade }: { onMade(made: SetUpAnswer): void }) {
  const id = useId()
  const [token, setToken] = useSetupToken()
  const setUp = useMutation({ mutationFn: useSetUp(), onSuccess: onMade })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setUp.mutate({
      setupToken: token.trim(),
      name: String(form.get('name')),
      timeZone: String(form.get('zone')),
    })
  }
  return (
    <main className="lone">
      <h1>Set up Penstock</h1>
      <p>There is no project yet. A project is who sends events: an app, a site, a company.</p>
      <form className="card" onSubmit={submit}>
        <div className="body stack">
          <Field
            label="Name of the project"
            name="name"
            required
            maxLength={255}
            autoComplete="off"
            placeholder="shop"
          />
          <div className="field">
            <label htmlFor={id}>Time zone</label>
            <select id={id} name="zone" defaultValue={ownTimeZone()} aria-describedby={`${id}-hint`}>
              {timeZones().map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
            <p id={`${id}-hint`} className="hint">
              Its days are those of this zone. It stays once there are events.
            </p>
          </div>
          <Field
            label="Set-up token"
            required
            value={token}
            onChange={({ target }) => setToken(target.value)}
            autoComplete="off"
            mono
            hint="Penstock has printed it when it started, or PENSTOCK_SETUP_TOKEN says it."
          />
          {setUp.isError && <Failure failure={setUp.error} />}
          {setUp.error instanceof CallFailed && setUp.error.status === 409 && (
            <Link to="/" className="button">
              Sign in
            </Link>
          )}
          <button type="submit" className="primary" disabled={setUp.isPending}>
            {setUp.isPending ? 'Making the project…' : 'Make the project'}
          </button>
        </div>
      </form>
      <p className="soft">
        The same on the command line: <code>penstock project create</code>.
      </p>
    </main>
  )
}

/** What is typed, or stands behind the `#` of the link that Penstock prints; it does not stay in the address. */
function useSetupToken(): [token: string, set: (token: string) => void] {
  const hash = useLocation({ select: (location) => location.hash })
  const [token, setToken] = useState('')
  const navigate = useNavigate()
  useEffect(() => {
    if (!/^[0-9a-f]{32}$/.test(hash)) return
    setToken(hash)
    void navigate({ to: '/console/setup', hash: '', replace: true })
  }, [hash, navigate])
  return [token, setToken]
}
