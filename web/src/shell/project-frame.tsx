import './shell.css'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams, useRouter } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import type { SessionAnswer } from '../api/answers.ts'
import { sessionQuery } from '../api/session.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { AccountMenu } from './account-menu.tsx'
import { CurrentProject } from './current-project.ts'
import { ProjectChoice } from './project-choice.tsx'
import { useTitle } from './use-title.ts'

/** Around every page of a project: where one is, who is signed in, and the way elsewhere. */
export function ProjectFrame() {
  const session = useQuery(sessionQuery)
  if (session.isError) return <Failure failure={session.error} again={session.refetch} />
  if (session.data === undefined) return <Loading what="who is signed in" />
  if (session.data === null) return <ToSignIn />
  return <Frame session={session.data} />
}

/** And back here afterwards. Done once: "here" must not follow the address, which this itself changes. */
function ToSignIn() {
  const router = useRouter()
  useEffect(() => {
    const next = router.state.location.href
    void router.navigate({ to: '/console/sign-in', search: { next }, replace: true })
  }, [router])
  return null
}

function Frame({ session }: { session: SessionAnswer }) {
  const { projectId } = useParams({ from: '/console/projects/$projectId' })
  const project = session.projects.find((each) => String(each.project_id) === projectId)
  return (
    <div className="frame">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <Link to="/" className="brand">
          Penstock
        </Link>
        <ProjectChoice projects={session.projects} projectId={projectId} />
        {/* What a role may not see is not offered. */}
        {project?.may_manage === true && <Pages projectId={projectId} />}
        <AccountMenu username={session.username} />
      </header>
      <main id="content" tabIndex={-1}>
        {project === undefined ? (
          <Closed title={`Project ${projectId}`}>
            You are signed in, but not to project {projectId}: it is not there, or this credential has no role
            in it.
          </Closed>
        ) : project.may_manage ? (
          <CurrentProject value={project}>
            <Outlet />
          </CurrentProject>
        ) : (
          <Closed title={project.name}>
            Your role in {project.name} is {project.role}. Its pipelines and events are shown to owners and
            admins; an operator changes roles with <code>penstock service-account grant</code>.
          </Closed>
        )}
      </main>
    </div>
  )
}

function Pages({ projectId }: { projectId: string }) {
  return (
    <nav aria-label="Project">
      <Link to="/console/projects/$projectId/pipelines" params={{ projectId }}>
        Pipelines
      </Link>
      <Link to="/console/projects/$projectId/events" params={{ projectId }}>
        Events
      </Link>
      <Link to="/console/projects/$projectId/sdk" params={{ projectId }}>
        Set up SDKs
      </Link>
    </nav>
  )
}

/** In place of a project's pages: why they are not shown. */
function Closed({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title)
  return (
    <div className="stack">
      <h1 className="break">{title}</h1>
      <p>{children}</p>
    </div>
  )
}
