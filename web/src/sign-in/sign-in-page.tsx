import '../shell/shell.css'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Navigate, useRouter, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { installationQuery } from '../api/installation.ts'
import { useSignIn } from '../api/session.ts'
import { Failure } from '../parts/failure.tsx'
import { Field } from '../parts/field.tsx'
import { Loading } from '../parts/loading.tsx'

/** Where there is nothing to sign in to yet, it leads to the set-up. */
export function SignInPage() {
  const installation = useQuery(installationQuery)
  if (installation.isPending) return <Loading what="whether there is a project" />
  if (installation.data?.set_up === false) return <Navigate to="/console/setup" replace />
  return <SignIn />
}

/** With a project's secret, or as a service account. */
function SignIn() {
  const { next } = useSearch({ from: '/console/sign-in' })
  const router = useRouter()
  const [account, setAccount] = useState(false)
  const signIn = useMutation({
    mutationFn: useSignIn(),
    onSuccess: () => router.history.push(next ?? '/'),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const secret = String(form.get('secret'))
    signIn.mutate(account ? { username: String(form.get('username')), secret } : { secret })
  }
  return (
    <main className="lone">
      <h1>
        <span className="brand">Penstock</span>
      </h1>
      <form className="card" onSubmit={submit}>
        <div className="body stack">
          <fieldset className="choices">
            <legend>Sign in with</legend>
            <label>
              <input type="radio" name="kind" checked={!account} onChange={() => setAccount(false)} /> a
              project's API secret
            </label>
            <label>
              <input type="radio" name="kind" checked={account} onChange={() => setAccount(true)} /> a service
              account
            </label>
          </fieldset>
          {account && <Field label="User name" name="username" autoComplete="username" required mono />}
          <Field
            label={account ? 'Secret' : 'API secret'}
            name="secret"
            type="password"
            autoComplete="current-password"
            required
            mono
          />
          {signIn.isError && <Failure failure={signIn.error} />}
          <button type="submit" className="primary" disabled={signIn.isPending}>
            {signIn.isPending ? 'Signing in…' : 'Sign in'}
          </button>
        </div>
      </form>
      <p className="soft">
        An operator makes a project with <code>penstock project create</code>, which shows its secret once; a
        service account with <code>penstock service-account create</code>.
      </p>
    </main>
  )
}
