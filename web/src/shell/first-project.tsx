import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { sessionQuery } from '../api/session.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'

/** `/`: leads to the first project that may be managed, or to where one signs in. */
export function FirstProject() {
  const session = useQuery(sessionQuery)
  if (session.isError) return <Failure failure={session.error} again={session.refetch} />
  if (session.data === undefined) return <Loading what="who is signed in" />
  const first = session.data?.projects.find((project) => project.may_manage) ?? session.data?.projects[0]
  if (session.data === null || first === undefined) return <Navigate to="/console/sign-in" replace />
  return (
    <Navigate
      to="/console/projects/$projectId/pipelines"
      params={{ projectId: String(first.project_id) }}
      replace
    />
  )
}
