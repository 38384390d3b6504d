/**
 * Tries a destination before events are sent there: every step of an export once, from Penstock's own identity to the
 * deletion of an object, and whether the role lets in others too.
 */
import type { Logger } from 'pino'
import { AwsRequestError } from '../../aws/aws-failure.ts'
import type { Clock } from '../../clock.ts'
import type { PipelineDestination } from '../../control/pipelines/pipeline.ts'
import type { DestinationProbes, ProbedDestination } from '../../data/deliver/destination-probes.ts'
import type { ProbedRole } from '../../data/deliver/probe-trust.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId } from '../../ids.ts'
import { accountOf } from '../account-of.ts'
import { destinationTarget } from '../destination-target.ts'
import { principalOfCaller } from '../own-principal.ts'
import { sessionName } from '../session-name.ts'
import { type Attempt, attemptWithin, withinTime } from './attempt.ts'
import { findRepairs, type RepairContext } from './find-repairs.ts'
import { probeFolder } from './probe-object.ts'
import { createStepRecord, type StepRecord } from './step-record.ts'
import { ownerInWords, testObjects } from './test-objects.ts'
import { type TrustMode, testTrust } from './test-trust.ts'
import type { ConnectionTest, StepName, TestedStep } from './tested-step.ts'

export interface ConnectionTestDeps {
  probes: DestinationProbes
  clock: Clock
  log: Pick<Logger, 'warn'>
  /** As the operator names it to customers; undefined: as STS does. */
  configuredPrincipalArn: string | undefined
}

export interface TestedConnection {
  projectId: ProjectId
  /** The project's token. */
  externalId: string
  destination: PipelineDestination
  /** What is done about a role that lets in others. */
  trust: TrustMode
  /** Told of each step as it is settled. */
  onStep?: (step: TestedStep) => void
  /** Breaks the test off; what it has found by then counts for nothing. */
  stopping?: AbortSignal
}

/** Of a whole test, its retries included. Who asked for it waits. */
const testMsMax = 60_000

export async function testConnection(
  deps: ConnectionTestDeps,
  tested: TestedConnection,
): Promise<ConnectionTest> {
  const { projectId, externalId, destination } = tested
  const signal = withinTime(testMsMax, tested.stopping)
  const steps = createStepRecord(tested.onStep)
  const attempt = attemptWithin(signal)
  const identity = await attempt(() => deps.probes.callerArn(destination.region, signal))
  if (identity.error !== undefined) {
    steps.failed('own identity', identity.error, [])
    return steps.finish('Penstock has no identity to ask with')
  }
  const principalArn =
    deps.configuredPrincipalArn ?? (identity.value === undefined ? null : principalOfCaller(identity.value))
  steps.passed(
    'own identity',
    `Penstock is ${identity.value ?? principalArn ?? 'known to STS, which does not say as whom'}`,
  )
  const partition = destination.roleArn.split(':')[1] ?? 'aws'
  const context: RepairContext = { ...destination, partition, principalArn, externalId }
  const probed = deps.probes.open(
    destinationTarget(destination, { projectId, externalId, purpose: 'connection-test' }),
  )
  try {
    await testSteps(deps, tested, { steps, attempt, signal, context, probed })
  } finally {
    probed.close()
  }
  return steps.finish('an earlier step failed')
}

/** The role, and how CloudTrail tells that it was only tried. */
export function trustTestedRole({
  projectId,
  destination: { roleArn, region },
}: Pick<TestedConnection, 'projectId' | 'destination'>): ProbedRole {
  return { roleArn, region, sessionName: sessionName(projectId, 'trust-test') }
}

interface Surroundings {
  steps: StepRecord
  attempt: Attempt
  signal: AbortSignal
  context: RepairContext
  probed: ProbedDestination
}

async function testSteps(
  { probes, clock, log }: ConnectionTestDeps,
  { projectId, externalId, destination, trust }: TestedConnection,
  { steps, attempt, signal, context, probed }: Surroundings,
): Promise<void> {
  const assumed = await attempt(() => probed.assumeRole(signal))
  if (assumed.error !== undefined) {
    steps.failed('assume role', assumed.error, findRepairs(assumed.error, context))
    return
  }
  steps.passed('assume role', `${destination.roleArn} lets Penstock in with the project's token`)
  const trusted = trustTestedRole({ projectId, destination })
  await testTrust({ probes, steps, attempt, signal, externalId, mode: trust }, trusted)
  const folder = probeFolder(destination.prefix, projectId)
  const found = await findBucket({ steps, attempt, signal, context, probed }, folder)
  if (found) await testObjects({ destination: probed, folder, context, steps, attempt, clock, signal, log })
}

/** Region, bucket and owner by one listing: S3 answers a wrong one before it looks at what the role may do. */
async function findBucket(
  { steps, attempt, signal, context, probed }: Surroundings,
  folder: string,
): Promise<boolean> {
  const { bucket, region } = context
  const listed = await attempt(() => probed.listFolder(folder, signal))
  const { error } = listed
  if (error !== undefined && error.code !== 'S3_LIST_DENIED') {
    steps.failed(stepOf(error), error, [])
    return false
  }
  steps.passed('region', `the bucket is in ${region}`)
  steps.passed('bucket', `${bucket} is there`)
  if (error === undefined) {
    steps.passed('owner', ownerInWords(context))
    steps.passed('list', 'the role may list objects')
    return true
  }
  if (await isOfOther(probed, folder, error, signal)) {
    steps.failed('owner', ofOtherAccount(context), [])
    return false
  }
  steps.failed('list', error, findRepairs(error, context))
  return true
}

function stepOf({ code }: PenstockError): StepName {
  return code === 'S3_BUCKET_REGION_MISMATCH' ? 'region' : 'bucket'
}

/** S3 denies the owner of a role's own account with a reason, and gives none where the bucket is not whose it should be. */
async function isOfOther(
  probed: ProbedDestination,
  folder: string,
  error: PenstockError,
  signal: AbortSignal,
): Promise<boolean> {
  const isExplained = error.cause instanceof AwsRequestError && error.cause.denial !== undefined
  return !isExplained && (await probed.listsForAnyOwner(folder, signal))
}

function ofOtherAccount({ bucket, roleArn }: RepairContext): PenstockError {
  return new PenstockError(
    'outside',
    'S3_BUCKET_OWNER_MISMATCH',
    `bucket ${bucket} does not belong to account ${accountOf(roleArn)}, whose role is to write to it. Use a role of the bucket's own account, or another bucket.`,
  )
}
