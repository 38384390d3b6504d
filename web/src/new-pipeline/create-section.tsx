import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { CreateAnswer } from '../api/answers.ts'
import { createPipeline, pipelineBase } from '../api/pipeline-calls.ts'
import { CallFailed, type Parameters } from '../api/request.ts'
import { TestedSteps } from '../connection/tested-steps.tsx'
import { CopiedText } from '../parts/copied-text.tsx'
import { Failure } from '../parts/failure.tsx'
import { useProject } from '../shell/current-project.ts'
import { curlCommand } from './curl-command.ts'
import { createParameters, type SectionProps } from './draft.ts'

/** The request as a whole, and the button that sends it. */
export function CreateSection({ draft }: SectionProps) {
  const { projectId } = useProject()
  const client = useQueryClient()
  const navigate = useNavigate()
  const parameters = createParameters(draft)
  const create = useMutation({
    mutationFn: (wanted: Parameters) => createPipeline({ project_id: projectId, ...wanted }),
    onSuccess: async ({ pipeline_names: [name], warnings }) => {
      await client.invalidateQueries({ queryKey: ['jobs', projectId] })
      // What it warns of is read first.
      if (name === undefined || warnings !== undefined) return
      await navigate({ to: '/console/projects/$projectId/pipelines/$name', params: { projectId, name } })
    },
  })
  const test = create.error instanceof CallFailed ? create.error.connectionTest : undefined
  return (
    <section className="card" aria-labelledby="create-title">
      <header>
        <h2 id="create-title">Create it</h2>
      </header>
      <div className="body stack">
        {parameters === undefined ? (
          <p className="soft">Above is still something to fill in or to mend.</p>
        ) : (
          <CopiedText
            title="The same from a terminal"
            text={curlCommand(`${location.origin}${pipelineBase}/create`, parameters)}
          />
        )}
        <div className="button-row">
          <button
            type="button"
            className="primary"
            disabled={parameters === undefined || create.isPending || create.isSuccess}
            onClick={() => {
              if (parameters !== undefined) create.mutate(parameters)
            }}
          >
            {create.isPending ? 'Testing and creating…' : 'Create the pipeline'}
          </button>
          <span className="soft">
            The connection test is made once more, and the pipeline only where it passes.
          </span>
        </div>
        {create.isError && <Failure failure={create.error} />}
        {test !== undefined && <TestedSteps steps={test.steps} />}
        {create.data?.warnings !== undefined && <Warned answer={create.data} />}
      </div>
    </section>
  )
}

function Warned({ answer: { pipeline_names: names, warnings = [] } }: { answer: CreateAnswer }) {
  const { projectId } = useProject()
  return (
    <div className="notice warn">
      <p>The pipeline is made, with a warning. {warnings.join('\n')}</p>
      {names.map((name) => (
        <Link
          key={name}
          to="/console/projects/$projectId/pipelines/$name"
          params={{ projectId, name }}
          className="button"
        >
          To {name}
        </Link>
      ))}
    </div>
  )
}
