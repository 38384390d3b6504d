/** Makes a pipeline whose destination has been tried, or whose maker would not wait for that. */
import type { Kysely } from 'kysely'
import type { Database } from '../control/db/tables.ts'
import type { RunNudges } from '../control/jobs/run-jobs.ts'
import {
  type CreateOptions,
  createPipeline,
  isRoleOfOther,
  refuseImpossible,
} from '../control/pipelines/create-pipeline.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import { ConnectionRefused, stepInWords } from './connection-test/connection-refused.ts'
import type { DestinationTests } from './connection-test/destination-tests.ts'
import type { ConnectionTest } from './connection-test/tested-step.ts'

export interface CreateCheckedDeps {
  db: Kysely<Database>
  jobs: RunNudges
  tests: DestinationTests
}

export interface CreateCheckedOptions extends CreateOptions {
  /** The project's token. */
  externalId: string
  skipCheck: boolean
}

export interface CreatedPipeline {
  name: string
  /** What the test warns of. */
  warnings: string[]
}

/**
 * @throws ConnectionRefused where a step of the test failed; and whatever else creating a pipeline throws, before anything
 * is asked of AWS
 */
export async function createCheckedPipeline(
  deps: CreateCheckedDeps,
  options: CreateCheckedOptions,
): Promise<CreatedPipeline> {
  const { db } = deps
  await refuseImpossible(db, options)
  const isOthers = await isRoleOfOther(db, options.projectId, options.request.destination.roleArn)
  try {
    return await createTested(deps, options, isOthers)
  } catch (error) {
    // It was tried as a role of nobody else's, which it no longer is: now it must not be open.
    if (!(error instanceof PenstockError && error.code === 'PIPELINE_ROLE_TAKEN')) throw error
    return await createTested(deps, options, true)
  }
}

async function createTested(
  { db, jobs, tests }: CreateCheckedDeps,
  options: CreateCheckedOptions,
  isOthers: boolean,
): Promise<CreatedPipeline> {
  const test = await testDestination(tests, options, isOthers)
  const warned = test?.steps.filter(({ result }) => result === 'warned') ?? []
  const trustWarning = warned.filter(({ step }) => step === 'trust').map(stepInWords)[0] ?? null
  const name = await createPipeline(db, jobs, { ...options, trustWarning, roleIsOwn: !isOthers })
  return { name, warnings: warned.map(stepInWords) }
}

/**
 * A role that lets in whoever knows its ARN is never shared between projects: one of them would write, and be charged,
 * with a role that was made for the other. To skip the test doesn't change that, nor the operator's rule.
 */
async function testDestination(
  tests: DestinationTests,
  { projectId, externalId, request, skipCheck }: CreateCheckedOptions,
  isOthers: boolean,
): Promise<ConnectionTest | undefined> {
  const { destination } = request
  const trust = isOthers ? 'refuse' : tests.trustMode
  if (skipCheck && trust === 'warn') return undefined
  const tested = { projectId, externalId, destination, trust }
  const test = skipCheck ? await tests.trust(tested) : await tests.whole(tested)
  if (test.ok) return test
  // What could not be found out is not held against a destination that is to be taken as it is.
  if (skipCheck && !test.steps.some(({ code }) => code === 'STS_ROLE_OPEN')) return undefined
  throw new ConnectionRefused(
    test,
    skipCheck ? '' : 'Or send skip_check=true to create the pipeline as it is.',
  )
}
