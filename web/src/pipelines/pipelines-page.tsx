import './pipelines.css'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { jobsQuery } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { useProject } from '../shell/current-project.ts'
import { useTitle } from '../shell/use-title.ts'
import { counted } from '../words/amounts.ts'
import { listed } from './pipeline-state.ts'
import { PipelinesTable } from './pipelines-table.tsx'

/** All pipelines of the project, those first that want attention. */
export function PipelinesPage() {
  const { projectId, name } = useProject()
  const jobs = useQuery(jobsQuery(projectId))
  const [filter, setFilter] = useState('')
  const shown = listed(jobs.data ?? [], useDeferredValue(filter))
  useTitle(`Pipelines of ${name}`)
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Pipelines</h1>
        <Link
          to="/console/projects/$projectId/pipelines/new"
          params={{ projectId }}
          className="button primary"
        >
          New pipeline
        </Link>
      </div>
      {jobs.isError && <Failure failure={jobs.error} again={jobs.refetch} />}
      {jobs.isPending && <Loading what="the pipelines" />}
      {jobs.data?.length === 0 && <NoPipelines />}
      {jobs.data !== undefined && jobs.data.length > 0 && (
        <section className="card" aria-label="Pipelines">
          <header>
            <input
              type="search"
              className="filter"
              aria-label="Filter by name or state"
              placeholder="Filter by name or state"
              value={filter}
              onChange={({ target }) => setFilter(target.value)}
            />
            <output className="soft num">
              {shown.length === jobs.data.length
                ? counted(shown.length, 'pipeline')
                : `${shown.length} of ${counted(jobs.data.length, 'pipeline')}`}
            </output>
          </header>
          <PipelinesTable jobs={shown} projectId={projectId} />
        </section>
      )}
    </div>
  )
}

function NoPipelines() {
  const { projectId } = useProject()
  return (
    <div className="card empty">
      <p>
        No pipeline exports this project's events yet. One needs a bucket, and a role that lets Penstock write
        to it; the form makes both policies as you type.
      </p>
      <Link to="/console/projects/$projectId/pipelines/new" params={{ projectId }} className="button">
        Make the first one
      </Link>
      <p>
        Nothing to export yet?{' '}
        <Link to="/console/projects/$projectId/sdk" params={{ projectId }}>
          Send the first event
        </Link>
        .
      </p>
    </div>
  )
}
