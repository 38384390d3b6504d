import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { FoldersAnswer, PipelineJob } from '../api/answers.ts'
import { changePipeline, type PipelineChange } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Mark } from '../parts/mark.tsx'
import { stateOf } from '../pipelines/pipeline-state.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { EditDialog } from './edit-dialog.tsx'
import { usePipeline } from './use-pipeline.ts'

interface Props {
  job: PipelineJob | undefined
  whole: FoldersAnswer | undefined
}

/** What it is called, where it exports to, and what can be done to it. */
export function PipelineHead({ job, whole }: Props) {
  const key = usePipeline()
  const client = useQueryClient()
  const [dialog, setDialog] = useState<'edit' | 'cancel'>()
  const change = useMutation({
    mutationFn: (wanted: PipelineChange) => changePipeline(wanted, key),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === key.projectId }),
  })
  const shown = job === undefined ? undefined : stateOf(job)
  const close = () => setDialog(undefined)
  return (
    <div className="pipeline-head stack tight">
      <div className="page-head">
        <div>
          <h1 className="break">{key.name}</h1>
          <div className="facts-line">
            {shown !== undefined && <Mark tone={shown.tone}>{shown.word}</Mark>}
            {whole !== undefined && <Facts whole={whole} />}
            {job !== undefined && <Selection job={job} />}
          </div>
        </div>
        {job !== undefined && (
          <div className="button-row">
            {job.state === 'paused' ? (
              <button type="button" onClick={() => change.mutate('resume')} disabled={change.isPending}>
                Resume
              </button>
            ) : (
              <button type="button" onClick={() => change.mutate('pause')} disabled={change.isPending}>
                Pause
              </button>
            )}
            {job.trial !== true && (
              <>
                <button type="button" onClick={() => setDialog('edit')}>
                  Edit selection
                </button>
                <button type="button" className="danger" onClick={() => setDialog('cancel')}>
                  Cancel pipeline
                </button>
              </>
            )}
            <Link
              to="/console/projects/$projectId/pipelines"
              params={{ projectId: key.projectId }}
              className="button"
            >
              All pipelines
            </Link>
          </div>
        )}
      </div>
      {change.isError && <Failure failure={change.error} />}
      {dialog === 'edit' && job !== undefined && <EditDialog job={job} onClose={close} />}
      {dialog === 'cancel' && <CancelDialog onClose={close} />}
    </div>
  )
}

function Facts({ whole }: { whole: FoldersAnswer }) {
  const { destination, frequency, pipeline_from_date: from, pipeline_to_date: to } = whole
  const prefix = destination.s3_prefix === null ? '' : `${destination.s3_prefix.replace(/\/$/, '')}/`
  return (
    <>
      <span>
        <code className="break">
          s3://{destination.s3_bucket}/{prefix}
        </code>{' '}
        in {destination.s3_region}
      </span>
      <span>encryption {destination.s3_encryption}</span>
      <span>
        {frequency}, from {from}
        {to !== null && ` to ${to}`}, days of {whole.timezone}
      </span>
    </>
  )
}

function Selection({ job: { events, where } }: { job: PipelineJob }) {
  if (events === undefined && where === undefined) return <span>every event</span>
  return (
    <span className="break">
      {events !== undefined && `only ${events.join(', ')}`}
      {where !== undefined && (
        <>
          {' '}
          where <code>{where}</code>
        </>
      )}
    </span>
  )
}
