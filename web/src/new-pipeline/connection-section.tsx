import { TestedSteps } from '../connection/tested-steps.tsx'
import { useConnectionTest } from '../connection/use-connection-test.ts'
import { Failure } from '../parts/failure.tsx'
import { Mark } from '../parts/mark.tsx'
import { useProject } from '../shell/current-project.ts'
import { destinationParameters, type SectionProps } from './draft.ts'

/** Every step of an export, done once with this destination. */
export function ConnectionSection({ draft }: SectionProps) {
  const { projectId } = useProject()
  const parameters = destinationParameters(draft)
  const test = useConnectionTest()
  const failed = test.steps.filter(({ result }) => result === 'failed').length
  const start = () => {
    if (parameters !== undefined) void test.start({ project_id: projectId, ...parameters })
  }
  return (
    <section className="card" aria-labelledby="connection-title">
      <header>
        <h2 id="connection-title">Test the connection</h2>
        {/* There before it says anything, or nobody would be told. */}
        <output>
          {test.state === 'passed' && <Mark tone="good">every step passed</Mark>}
          {test.state === 'failed' && (
            <Mark tone="bad">{failed === 0 ? 'not finished' : `${failed} failed`}</Mark>
          )}
        </output>
      </header>
      <div className="body stack">
        <div className="button-row">
          <button
            type="button"
            className="primary"
            onClick={start}
            disabled={parameters === undefined || test.state === 'testing'}
          >
            {test.state === 'testing' ? 'Testing…' : test.state === 'idle' ? 'Test' : 'Test again'}
          </button>
          <span className="soft">
            {parameters === undefined
              ? 'Needs the bucket, its region, and the role.'
              : 'Assumes the role and writes, reads, lists and deletes a small object. Nothing stays.'}
          </span>
        </div>
        {(test.steps.length > 0 || test.state === 'testing') && (
          <TestedSteps steps={test.steps} busy={test.state === 'testing'} />
        )}
        {test.failure !== undefined && <Failure failure={test.failure} />}
      </div>
    </section>
  )
}
