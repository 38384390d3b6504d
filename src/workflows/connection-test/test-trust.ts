/** Whether a role lets in who doesn't bring the project's external ID, and what is said of one that does. */
import { externalIdCondition } from '../../aws-setup/policies.ts'
import type { DestinationProbes } from '../../data/deliver/destination-probes.ts'
import type { ProbedRole, TrustOpening } from '../../data/deliver/probe-trust.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { Attempt } from './attempt.ts'
import type { StepRecord } from './step-record.ts'
import type { Repair } from './tested-step.ts'

/** What is done about a role that lets in others. */
export type TrustMode = 'warn' | 'refuse'

export interface TrustTest {
  probes: DestinationProbes
  steps: StepRecord
  attempt: Attempt
  signal: AbortSignal
  externalId: string
  mode: TrustMode
}

export async function testTrust(test: TrustTest, role: ProbedRole): Promise<void> {
  const { probes, steps, attempt, signal, externalId, mode } = test
  const openings = await attempt(() => probes.trustOpenings(role, signal))
  if (openings.error !== undefined) {
    steps.failed('trust', openings.error, [])
    return
  }
  const error = trustOpenError(role.roleArn, openings.value, externalId)
  if (error === undefined) {
    steps.passed('trust', 'who brings no external ID or another one is not let in')
    return
  }
  const repairs = [conditionRepair(externalId)]
  if (mode === 'refuse') steps.failed('trust', error, repairs)
  else steps.warned('trust', error.code, error.message, repairs)
}

/** Undefined where there is no way past the external ID. */
function trustOpenError(
  roleArn: string,
  openings: readonly TrustOpening[],
  externalId: string,
): PenstockError | undefined {
  if (openings.length === 0) return undefined
  return new PenstockError(
    'outside',
    'STS_ROLE_OPEN',
    `role ${roleArn} lets Penstock in with ${openings.join(' and with ')}: whoever knows its ARN could have Penstock export to it. Add to the statement of its trust policy that lets Penstock in: "Condition": ${JSON.stringify(externalIdCondition(externalId))}`,
  )
}

function conditionRepair(externalId: string): Repair {
  return {
    policy: 'trust',
    how: "Make this the Condition of each statement of the role's trust policy that lets Penstock in:",
    json: externalIdCondition(externalId),
  }
}
