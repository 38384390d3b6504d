import '../shell/shell.css'
import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { SetUpAnswer } from '../api/answers.ts'
import { installationQuery } from '../api/installation.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { useTitle } from '../shell/use-title.ts'
import { ProjectMade } from './project-made.tsx'
import { SetUpForm } from './set-up-form.tsx'

/** Makes the first project, where there is none, and shows its secret. */
export function SetUpPage() {
  useTitle('Set up')
  const installation = useQuery(installationQuery)
  // Kept nowhere else: with the page it is gone.
  const [made, setMade] = useState<SetUpAnswer>()
  if (made !== undefined) return <ProjectMade made={made} />
  if (installation.isError) return <Failure failure={installation.error} again={installation.refetch} />
  if (installation.data === undefined) return <Loading what="whether there is a project" />
  if (installation.data.set_up) return <Navigate to="/" replace />
  return <SetUpForm onMade={setMade} />
}
