import './pipeline.css'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { foldersQuery, jobsQuery } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { useTitle } from '../shell/use-title.ts'
import { CalendarCard } from './calendar-card.tsx'
import { Completeness } from './completeness.tsx'
import { FolderPanel } from './folder-panel.tsx'
import { PipelineHead } from './pipeline-head.tsx'
import { RunsCard } from './runs-card.tsx'
import { Troubles } from './troubles.tsx'
import { pipelineRoute, usePipeline } from './use-pipeline.ts'
import { useWatch } from './use-watch.ts'

/** A pipeline at a glance: whether everything is there, what is on its way, and what keeps it. */
export function PipelinePage() {
  const key = usePipeline()
  const { folder } = useSearch({ from: pipelineRoute })
  const jobs = useQuery(jobsQuery(key.projectId))
  const whole = useQuery(foldersQuery(key, { by: 'month' }))
  const watch = useWatch(key)
  const job = jobs.data?.find(({ name }) => name === key.name)
  useTitle(key.name)
  return (
    <div className={folder === undefined ? 'pipeline' : 'pipeline with-panel'}>
      <div className="stack">
        <PipelineHead job={job} whole={whole.data} />
        {whole.isError && <Failure failure={whole.error} again={whole.refetch} />}
        {whole.isPending && <Loading what="the pipeline" />}
        {whole.data !== undefined && (
          <>
            <Completeness answer={whole.data} />
            <div className="abreast">
              <Troubles job={job} whole={whole.data} watched={watch.pipeline} />
              <RunsCard watch={watch} />
            </div>
            <CalendarCard whole={whole.data} />
          </>
        )}
      </div>
      {folder !== undefined && <FolderPanel folder={folder} />}
    </div>
  )
}
