import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FoldersAnswer } from '../api/answers.ts'
import { changePipeline } from '../api/pipeline-calls.ts'
import { TestedSteps } from '../connection/tested-steps.tsx'
import { useConnectionTest } from '../connection/use-connection-test.ts'
import { Failure } from '../parts/failure.tsx'
import { usePipeline } from './use-pipeline.ts'

interface Props {
  destination: FoldersAnswer['destination']
  paused: boolean
}

/** The test of the pipeline's destination, once more; when it passes, the pipeline goes on. */
export function TestAndResume({ destination, paused }: Props) {
  const key = usePipeline()
  const client = useQueryClient()
  const test = useConnectionTest()
  const resume = useMutation({
    mutationFn: () => changePipeline('resume', key),
    onSuccess: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === key.projectId }),
  })
  const run = async () => {
    resume.reset()
    const { s3_prefix, s3_kms_key_id, ...named } = destination
    const optional = { s3_prefix: s3_prefix ?? undefined, s3_kms_key_id: s3_kms_key_id ?? undefined }
    const result = await test.start({ project_id: key.projectId, ...named, ...optional })
    if (result?.ok) resume.mutate()
  }
  const busy = test.state === 'testing' || resume.isPending
  return (
    <div className="stack">
      <div className="button-row">
        <button type="button" className="primary" onClick={run} disabled={busy}>
          {test.state === 'testing' ? 'Testing…' : 'Test again and resume'}
        </button>
        <output className="soft">
          {resume.isSuccess && 'The test passed: the pipeline goes on with all that is due.'}
          {test.state === 'idle' &&
            `Tests every step of an export once; ${paused ? 'goes on' : 'tries failed runs again'} where all pass.`}
        </output>
      </div>
      {test.steps.length > 0 && <TestedSteps steps={test.steps} busy={test.state === 'testing'} />}
      {test.failure !== undefined && <Failure failure={test.failure} />}
      {resume.isError && <Failure failure={resume.error} />}
    </div>
  )
}
