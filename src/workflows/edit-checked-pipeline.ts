/** Edits a pipeline whose destination has been tried anew, or whose owner would not wait for that. */
import type { Kysely } from 'kysely'
import type { Database } from '../control/db/tables.ts'
import {
  editPipeline,
  type PipelineName,
  type SelectionChange,
} from '../control/pipelines/change-pipeline.ts'
import { isRoleOfOther } from '../control/pipelines/create-pipeline.ts'
import { recordTrust } from '../control/pipelines/due-destination-tests.ts'
import { type EditablePipeline, findEditablePipeline } from '../control/pipelines/find-editable-pipeline.ts'
import { ConnectionRefused, stepInWords } from './connection-test/connection-refused.ts'
import type { DestinationTests } from './connection-test/destination-tests.ts'
import type { TestedStep } from './connection-test/tested-step.ts'

interface EditCheckedDeps {
  db: Kysely<Database>
  tests: DestinationTests
}

interface CheckedEdit extends PipelineName {
  /** The project's token. */
  externalId: string
  change: SelectionChange
  skipCheck: boolean
}

/**
 * Gives what the test warns of.
 * @throws ConnectionRefused where a step of the test failed; and whatever else editing throws, before anything is asked
 * of AWS
 */
export async function editCheckedPipeline(deps: EditCheckedDeps, edit: CheckedEdit): Promise<string[]> {
  const { db } = deps
  const pipeline = await findEditablePipeline(db, edit)
  const warned = edit.skipCheck ? [] : await testDestination(deps, edit, pipeline)
  await editPipeline(db, edit, edit.change)
  return warned
}

async function testDestination(
  { db, tests }: EditCheckedDeps,
  { projectId, externalId }: CheckedEdit,
  { id, destination }: EditablePipeline,
): Promise<string[]> {
  // Of projects with the same role, the one that came first keeps it where it lets in everybody.
  const isOthers = await isRoleOfOther(db, projectId, destination.roleArn, id)
  const trust = isOthers ? 'refuse' : tests.trustMode
  const test = await tests.whole({ projectId, externalId, destination, trust })
  const trusted = test.steps.find(({ step }) => step === 'trust')
  if (trusted !== undefined && isTold(trusted))
    await recordTrust(db, id, trusted.result === 'passed' ? null : stepInWords(trusted))
  if (!test.ok)
    throw new ConnectionRefused(test, 'Or send skip_check=true to edit the pipeline all the same.')
  return test.steps.filter(({ result }) => result === 'warned').map(stepInWords)
}

/** Whether the test could find out who is let in. */
function isTold({ result, code }: TestedStep): boolean {
  return result === 'passed' || code === 'STS_ROLE_OPEN'
}
