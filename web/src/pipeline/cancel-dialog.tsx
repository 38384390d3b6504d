import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { changePipeline } from '../api/pipeline-calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Failure } from '../parts/failure.tsx'
import { pipelineRoute, usePipeline } from './use-pipeline.ts'

/** Asks once more: a canceled pipeline doesn't come back. */
export function CancelDialog({ onClose }: { onClose(): void }) {
  const key = usePipeline()
  const client = useQueryClient()
  const navigate = useNavigate({ from: pipelineRoute })
  const cancel = useMutation({
    mutationFn: () => changePipeline('cancel', key),
    onSuccess: async () => {
      await navigate({ to: '/console/projects/$projectId/pipelines', params: { projectId: key.projectId } })
      await client.invalidateQueries({ queryKey: ['jobs', key.projectId] })
    },
  })
  return (
    <Dialog title={`Cancel ${key.name}?`} onClose={onClose}>
      <p>
        It stops, and is removed with the record of its runs. What it exported stays in the bucket. A canceled
        pipeline does not come back; to stop it for a while, pause it.
      </p>
      {cancel.isError && <Failure failure={cancel.error} />}
      <div className="button-row">
        <button type="button" className="danger" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
          {cancel.isPending ? 'Canceling…' : 'Cancel the pipeline'}
        </button>
        <button type="button" onClick={onClose}>
          Keep it
        </button>
      </div>
    </Dialog>
  )
}
