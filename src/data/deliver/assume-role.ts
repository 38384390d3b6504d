/** AssumeRole with the external ID, always: what a customer's trust policy is written for. */
import { AssumeRoleCommand, type AssumeRoleCommandOutput, type STSClient } from '@aws-sdk/client-sts'
import { z } from 'zod'
import { type AwsFailure, readAwsFailure } from '../../aws/aws-failure.ts'
import { tryUntilItPasses } from '../../aws/tries.ts'
import type { Wait } from '../../aws/wait.ts'
import type { Clock } from '../../clock.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTarget } from './destination.ts'
import type { SessionCredentials } from './role-session.ts'
import { assumeRoleError } from './sts-errors.ts'

export type AssumableRole = Pick<DestinationTarget, 'roleArn' | 'externalId' | 'sessionName' | 'region'> & {
  /** Session policies, the narrowest first; the next is for where AWS has no room for one. */
  policies: readonly [string, ...string[]]
}

export interface AssumeRoleDeps {
  sts: STSClient
  clock: Clock
  sessionSeconds: number
  wait: Wait
  signal: AbortSignal
  onRetry(error: PenstockError, waitMs: number): void
}

/** Every role allows an hour; role chaining allows no more. */
const everyRoleSeconds = 3600

const assumed = z.object({
  Credentials: z.object({
    AccessKeyId: z.string().min(1),
    SecretAccessKey: z.string().min(1),
    SessionToken: z.string().min(1),
    Expiration: z.date(),
  }),
})

export async function assumeRole(deps: AssumeRoleDeps, role: AssumableRole): Promise<SessionCredentials> {
  const askedAtMs = deps.clock.nowMs()
  const ask = { seconds: deps.sessionSeconds, policies: role.policies }
  const answer = await tryUntilItPasses({
    ...deps,
    before: async () => {},
    send: async () => {
      for (;;) {
        try {
          return await send(deps, role, ask)
        } catch (error) {
          if (!yields(ask, readAwsFailure(error))) throw error
        }
      }
    },
    explain: (error) => explain(readAwsFailure(error), role),
  })
  return readSession(answer, role, { askedAtMs, seconds: ask.seconds, nowMs: serverNowMs(deps) })
}

/** What is asked for, and may turn out to be too much. */
interface Ask {
  seconds: number
  policies: AssumableRole['policies']
}

/** Asks for less where that may be what was refused; false where there is nothing left to yield. */
function yields(ask: Ask, { code }: AwsFailure): boolean {
  const [, next, ...others] = ask.policies
  if (code === 'PackedPolicyTooLarge' && next !== undefined) {
    ask.policies = [next, ...others]
    return true
  }
  // STS has one code for every parameter that it refuses; a session of an hour tells whether the length was the one.
  if (code !== 'ValidationError' || ask.seconds <= everyRoleSeconds) return false
  ask.seconds = everyRoleSeconds
  return true
}

function send(
  { sts, signal }: AssumeRoleDeps,
  role: AssumableRole,
  { seconds, policies }: Ask,
): Promise<AssumeRoleCommandOutput> {
  return sts.send(
    new AssumeRoleCommand({
      RoleArn: role.roleArn,
      ExternalId: role.externalId,
      RoleSessionName: role.sessionName,
      DurationSeconds: seconds,
      Policy: policies[0],
    }),
    { abortSignal: signal },
  )
}

function explain(failure: AwsFailure, role: AssumableRole): PenstockError | undefined {
  return failure.status === 0 && failure.network === undefined ? undefined : assumeRoleError(failure, role)
}

/**
 * The session's length is counted by this host's clock from before the request was sent: a wrong clock then makes no
 * difference. The server's `Expiration` only shortens it.
 */
function readSession(
  answer: AssumeRoleCommandOutput,
  { roleArn, region }: AssumableRole,
  { askedAtMs, seconds, nowMs }: { askedAtMs: number; seconds: number; nowMs: number },
): SessionCredentials {
  const parsed = assumed.safeParse(answer)
  if (!parsed.success)
    throw new PenstockError(
      'outside',
      'STS_ANSWER_UNREADABLE',
      `AssumeRole of ${roleArn} at STS in ${region}: the answer holds no credentials. Check what AWS_ENDPOINT_URL points at.`,
      { retryable: true },
    )
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = parsed.data.Credentials
  const lifeMs = Math.min(seconds * 1000, Math.max(0, Expiration.getTime() - nowMs))
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    askedAtMs,
    endsAtMs: askedAtMs + lifeMs,
  }
}

/** The SDK keeps how far the server's clock is from this one, once it is far enough to matter. */
function serverNowMs({ sts, clock }: AssumeRoleDeps): number {
  return clock.nowMs() + sts.config.systemClockOffset
}
