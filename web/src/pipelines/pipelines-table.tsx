import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { PipelineJob } from '../api/answers.ts'
import { Mark } from '../parts/mark.tsx'
import { WideTable } from '../parts/wide-table.tsx'
import { count, percent, size } from '../words/amounts.ts'
import { stateOf } from './pipeline-state.ts'

interface Props {
  jobs: PipelineJob[]
  projectId: string
}

export const PipelinesTable = memo(function PipelinesTable({ jobs, projectId }: Props) {
  return (
    <WideTable label="Table of pipelines" className="pipelines">
      <thead>
        <tr>
          <th scope="col">Pipeline</th>
          <th scope="col">State</th>
          <th scope="col">Folders</th>
          <th scope="col" className="right">
            Events
          </th>
          <th scope="col" className="right">
            Bytes
          </th>
          <th scope="col">Selection</th>
          <th scope="col">Last dispatched</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Row key={job.name} job={job} projectId={projectId} />
        ))}
      </tbody>
    </WideTable>
  )
})

function Row({ job, projectId }: { job: PipelineJob; projectId: string }) {
  const { tone, word } = stateOf(job)
  const { progress } = job
  return (
    <tr>
      <th scope="row">
        <Link
          to="/console/projects/$projectId/pipelines/$name"
          params={{ projectId, name: job.name }}
          preload={false}
        >
          {job.name}
        </Link>
        {job.trial && <span className="soft"> trial</span>}
      </th>
      <td>
        <Mark tone={tone}>{word}</Mark>
      </td>
      <td className="num nowrap">{progress === undefined ? '–' : <Folders progress={progress} />}</td>
      <td className="right num">{progress === undefined ? '–' : count(progress.events_done)}</td>
      <td className="right num nowrap">{progress === undefined ? '–' : size(progress.bytes_done)}</td>
      <td className="selection">{selectionText(job)}</td>
      <td className="num nowrap soft">{job.last_dispatched}</td>
    </tr>
  )
}

function Folders({ progress }: { progress: NonNullable<PipelineJob['progress']> }) {
  const { folders_done: done, folders_to_do: toDo, folders_failed: failed } = progress
  if (toDo === 0) return <>{count(done)}</>
  const all = done + toDo
  return (
    <>
      {count(done)} of {count(all)} <span className="soft">({percent(done, all)} %)</span>
      {failed > 0 && <span className="failed"> {count(failed)} failed</span>}
    </>
  )
}

function selectionText({ events, where }: PipelineJob): string {
  const names =
    events === undefined ? [] : [events.length > 2 ? `${events.length} event names` : events.join(', ')]
  const parts = [...names, ...(where === undefined ? [] : [`where ${where}`])]
  return parts.length === 0 ? 'every event' : parts.join('; ')
}
