import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { PipelineJob } from '../api/answers.ts'
import { changePipeline } from '../api/pipeline-calls.ts'
import { CallFailed } from '../api/request.ts'
import { TestedSteps } from '../connection/tested-steps.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Failure } from '../parts/failure.tsx'
import { namesOf, SelectionFields } from '../selection/selection-fields.tsx'
import { SelectionPreview } from '../selection/selection-preview.tsx'
import { usePipeline } from './use-pipeline.ts'

/** Which events the next runs export. */
export function EditDialog({ job, onClose }: { job: PipelineJob; onClose(): void }) {
  const key = usePipeline()
  const client = useQueryClient()
  const [selection, setSelection] = useState({
    events: (job.events ?? []).join('\n'),
    where: job.where ?? '',
  })
  const edit = useMutation({
    mutationFn: () => {
      const names = namesOf(selection.events)
      // An empty value takes a filter away; an absent one would leave it.
      return changePipeline('edit', key, {
        events: names.length === 0 ? '' : names,
        where: selection.where.trim(),
      })
    },
    onSuccess: async ({ warnings }) => {
      await client.invalidateQueries({ queryKey: ['jobs', key.projectId] })
      if (warnings === undefined) onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    edit.mutate()
  }
  const test = edit.error instanceof CallFailed ? edit.error.connectionTest : undefined
  return (
    <Dialog title="Edit the selection" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p className="soft">
          The next runs use it. A folder that is exported stays as it is until late events come for it. The
          connection test is made first.
        </p>
        <SelectionFields value={selection} onChange={setSelection} />
        <SelectionPreview projectId={key.projectId} selection={selection} />
        {edit.isError && <Failure failure={edit.error} />}
        {test !== undefined && <TestedSteps steps={test.steps} />}
        {edit.data?.warnings?.map((warning) => (
          <p key={warning} className="notice warn">
            Saved. {warning}
          </p>
        ))}
        <div className="button-row">
          <button type="submit" className="primary" disabled={edit.isPending}>
            {edit.isPending ? 'Testing the destination…' : 'Save'}
          </button>
          <button type="button" onClick={onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  )
}
