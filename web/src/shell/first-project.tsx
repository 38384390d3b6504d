import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { sessionQuery } from '../api/session.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { AccountMenu } from './account-menu.tsx'

/** `/`: leads to the first project that may be managed, or to where one signs in. */
export function FirstProject() {
  const session = useQuery(sessionQuery)
  if (session.isError) return <Failure failure={session.error} again={session.refetch} />
  if (session.data === undefined) return <Loading what="who is signed in" />
  if (session.data === null) return <Navigate to="/console/sign-in" replace />
  const { projects, username } = session.data
  const first = projects.find((project) => project.may_manage) ?? projects[0]
  if (first === undefined) return <NoProject username={username} />
  return (
    <Navigate
      to="/console/projects/$projectId/pipelines"
      params={{ projectId: String(first.project_id) }}
      replace
    />
  )
}

/** A service account is made without a role, and may lose those it has. */
function NoProject({ username }: { username: string | null }) {
  return (
    <main className="lone">
      <h1>No project yet</h1>
      <p className="break">
        You are signed in as <code>{username}</code>, which has no role in any project. An operator gives it
        one with <code>penstock service-account grant</code>.
      </p>
      <AccountMenu username={username} />
    </main>
  )
}
