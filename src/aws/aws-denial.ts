/** Which action AWS denied, on what, and which kind of policy is the reason: as far as its sentence tells. */

/**
 * Kinds of policy that AWS's sentence can name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
type DenyingPolicy = 'identity' | 'resource' | 'session' | 'boundary' | 'organization' | 'endpoint'

export interface AwsDenial {
  /** Like `s3:PutObject`. */
  action: string
  /** An ARN; undefined where AWS keeps it to itself. */
  resource: string | undefined
  /** Undefined where AWS gives no reason, as it does to callers of other accounts. */
  policy: DenyingPolicy | undefined
  /** A statement denies it; otherwise none allows it. */
  explicit: boolean
}

const sentence =
  /is not authorized to perform: ([\w-]+:\w+)(?: on (?:the )?resource:? (?:"([^"]*)"|(\S+)))?(.*)$/s

const policies: readonly [RegExp, DenyingPolicy][] = [
  [/identity-based polic/, 'identity'],
  [/resource-based polic/, 'resource'],
  [/session polic/, 'session'],
  [/permissions boundary/, 'boundary'],
  [/(service|resource) control polic/, 'organization'],
  [/VPC endpoint polic/, 'endpoint'],
]

/** Undefined where the sentence is not one of a denial, or does not say of what. */
export function readAwsDenial(said: string): AwsDenial | undefined {
  const [, action, quotedResource, bareResource, reason = ''] = sentence.exec(said) ?? []
  if (action === undefined) return undefined
  const resource = quotedResource ?? bareResource
  return {
    action,
    resource: resource?.startsWith('arn:') ? resource : undefined,
    policy: policies.find(([pattern]) => pattern.test(reason))?.[1],
    explicit: reason.includes('explicit deny'),
  }
}
