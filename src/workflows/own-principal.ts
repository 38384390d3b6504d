/** Who Penstock is in AWS: what customers name in their trust policies. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { PenstockError } from '../errors/penstock-error.ts'

const howToSet =
  'set PENSTOCK_AWS_PRINCIPAL_ARN, or give this process credentials the way every AWS SDK finds them'

/**
 * The configured ARN, or that of the identity that this process has.
 * @throws PenstockError `OWN_PRINCIPAL_UNKNOWN` when it has none
 */
export async function ownPrincipalArn(configured: string | undefined): Promise<string> {
  if (configured !== undefined) return configured
  try {
    return principalOfCaller(await askCallerArn())
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new PenstockError(
      'outside',
      'OWN_PRINCIPAL_UNKNOWN',
      `Penstock's own AWS identity is not known (${said}): ${howToSet}`,
      { cause, retryable: true },
    )
  }
}

/** The ARN that STS gives the caller of this process's credentials. */
export async function askCallerArn(): Promise<string> {
  const sts = new STSClient({ maxAttempts: 2, region: await ownRegion() })
  try {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}))
    if (Arn === undefined) throw new Error('STS named no identity')
    return Arn
  } finally {
    sts.destroy()
  }
}

/**
 * A trust policy names the role, not one of its sessions. The session's ARN lacks the role's path: an operator whose role
 * has one sets PENSTOCK_AWS_PRINCIPAL_ARN.
 */
export function principalOfCaller(callerArn: string): string {
  const [, partition, account, role] =
    /^arn:([a-z-]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(callerArn) ?? []
  return role === undefined ? callerArn : `arn:${partition}:iam::${account}:role/${role}`
}

/** The operator's, or any: each pipeline names its own, so none need be set, and every region knows who asks. */
async function ownRegion(): Promise<string> {
  const sts = new STSClient()
  const region = await sts.config.region().catch(() => 'us-east-1')
  sts.destroy()
  return region
}
