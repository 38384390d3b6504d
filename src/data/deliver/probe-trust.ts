/**
 * The confused deputy's test: does a role let in who doesn't bring its external ID? Then everybody who knows its ARN could
 * have this program export into its account, and read what its policies allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import { randomBytes } from 'node:crypto'
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import { tryUntilItPasses } from '../../aws/tries.ts'
import type { Wait } from '../../aws/wait.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTarget } from './destination.ts'
import { powerlessPolicy } from './session-policy.ts'
import { assumeRoleError } from './sts-errors.ts'

export type ProbedRole = Pick<DestinationTarget, 'roleArn' | 'sessionName' | 'region'>

/** What let in: no external ID at all, or one that nobody has. */
export type TrustOpening = 'no external ID' | 'any external ID'

export interface ProbeTrustDeps {
  sts: STSClient
  wait: Wait
  signal: AbortSignal
}

/** The shortest that AWS gives; the session is thrown away. */
const sessionSeconds = 900

export async function findOpenings(deps: ProbeTrustDeps, role: ProbedRole): Promise<TrustOpening[]> {
  const openings: TrustOpening[] = []
  if (await letsIn(deps, role, undefined)) openings.push('no external ID')
  if (await letsIn(deps, role, randomBytes(16).toString('hex'))) openings.push('any external ID')
  return openings
}

async function letsIn(
  { sts, wait, signal }: ProbeTrustDeps,
  { roleArn, sessionName, region }: ProbedRole,
  externalId: string | undefined,
): Promise<boolean> {
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: sessionSeconds,
    Policy: powerlessPolicy,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  })
  try {
    await tryUntilItPasses({
      before: async () => {},
      send: () => sts.send(command, { abortSignal: signal }),
      explain: (error) => {
        const failure = readAwsFailure(error)
        if (failure.status === 0 && failure.network === undefined) return undefined
        return assumeRoleError(failure, { roleArn, region })
      },
      signal,
      wait,
      onRetry: () => {},
    })
    return true
  } catch (error) {
    if (error instanceof PenstockError && error.code === 'STS_ROLE_DENIED') return false
    throw error
  }
}
