import { type AwsFailure, readAwsFailure } from '../../aws/aws-failure.ts'
import type { Checkpoint } from './destination.ts'
import type { RoleSession, SessionCredentials } from './role-session.ts'

export interface LiveSession {
  /** Before each try: the right to write is still held, and credentials are at hand. */
  prepare(): Promise<void>
  /** One try; with new credentials once more where S3 no longer took the old ones. */
  send<Answer>(sendOnce: () => Promise<Answer>): Promise<Answer>
}

/** `InvalidAccessKeyId` too: that is how a session looks whose user or role was taken away and made again. */
const sessionOver = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidToken',
  'InvalidAccessKeyId',
])

/** For one request with all its tries: a session is replaced at most once, or a refused one would be fetched for ever. */
export function withLiveSession(
  session: RoleSession,
  signal: AbortSignal,
  checkpoint?: Checkpoint,
): LiveSession {
  let used: SessionCredentials | undefined
  let replaced = false
  const prepare = async (): Promise<void> => {
    used = await session.credentials(signal)
    // Last, for waiting for credentials may have taken long.
    checkpoint?.()
  }
  return {
    prepare,
    async send(sendOnce) {
      try {
        return await sendOnce()
      } catch (error) {
        if (replaced || used === undefined || !isOver(readAwsFailure(error))) throw error
        replaced = true
        session.discard(used)
        await prepare()
        return sendOnce()
      }
    },
  }
}

/**
 * An account revokes sessions by a Deny, in the role's policy, of all that began before. A new one may be let in; where it
 * is not, the Deny means something else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
 */
function isOver({ code, denial }: AwsFailure): boolean {
  return sessionOver.has(code) || (denial?.policy === 'identity' && denial.explicit)
}
