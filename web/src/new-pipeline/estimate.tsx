import { useQuery } from '@tanstack/react-query'
import type { EstimateAnswer } from '../api/answers.ts'
import { estimateQuery } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { useSettled } from '../parts/use-settled.ts'
import { useProject } from '../shell/current-project.ts'
import { count, counted, duration, size } from '../words/amounts.ts'
import { type Draft, problemsOf, scheduleParameters } from './draft.ts'

const typedMs = 400

/** How much is due at once, and how long it will take. */
export function Estimate({ draft }: { draft: Draft }) {
  const { projectId } = useProject()
  const possible = draft.fromDate !== '' && problemsOf(draft).toDate === undefined
  const asked = useSettled(possible ? JSON.stringify(scheduleParameters(draft)) : undefined, typedMs)
  const estimate = useQuery({
    ...estimateQuery({ project_id: projectId, ...(asked === undefined ? {} : JSON.parse(asked)) }),
    enabled: asked !== undefined,
  })
  if (asked === undefined) return null
  if (estimate.isError) return <Failure failure={estimate.error} />
  if (estimate.data === undefined) return <Loading what="how much that is" />
  return (
    <section className="notice" aria-label="Backfill">
      <p className="estimate num">
        <strong>Due at once: {counted(estimate.data.folders, 'folder')}</strong>
        <span>
          {estimate.data.exact ? '' : 'at most '}
          {count(estimate.data.events)} events
        </span>
        <span>{size(estimate.data.bytes)}</span>
        <span>{lengthOf(estimate.data)}</span>
      </p>
    </section>
  )
}

function lengthOf({ folders, seconds, measured_from: from }: EstimateAnswer): string {
  if (folders === 0) return 'the first folder comes when it is due'
  if (seconds === null) return 'how long is not known yet: nothing was exported from which it could be told'
  const whose = from === 'project' ? "this project's" : "this server's"
  return `about ${duration(seconds)}, as fast as ${whose} exports of late`
}
