/**
 * What a session may do at most: put, get, delete and list below the pipeline's own part of its bucket, and use its key
 * there. What the role doesn't allow stays denied, so one tenant's session is useless for anything but its own exports,
 * however much its role was given.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
import type { DestinationTarget } from './destination.ts'

export type NarrowedTarget = Pick<
  DestinationTarget,
  'bucket' | 'keyPrefix' | 'region' | 'roleArn' | 'kmsKeyId'
>

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: Policy. */
const policyCharactersMax = 2048

/**
 * Narrowest first. AWS also bounds what a policy comes to once it is packed, by a measure of its own: the second, which
 * names the bucket and no prefix, is for where the first is refused for that.
 */
export function sessionPolicies(target: NarrowedTarget): readonly [string, string] {
  const bare = policyOf(target, '*', '*')
  const literal = patternOf(target.keyPrefix)
  // Listing ends in a slash and begins at least at the project's own part: the shorter pattern still covers it.
  const room = policyCharactersMax - bare.length
  const ofObjects = cut(literal, room)
  const ofListings = cut(literal, room - ofObjects.length)
  return [policyOf(target, `${ofObjects}*`, `${ofListings}*`), bare]
}

/** What the set-up lets a role do with a key, whoever asks: for a session that only tries that, and nothing of S3. */
export function keySessionPolicy(target: NarrowedTarget): string {
  const Action = [
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ]
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: keyArn(target) }],
  })
}

/** For a session that is opened only to see whether it can be: it may do nothing. */
export const powerlessPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
})

function policyOf(target: NarrowedTarget, objects: string, listings: string): string {
  const partition = partitionOf(target)
  const bucket = `arn:${partition}:s3:::${target.bucket}`
  const Statement = [
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
      Resource: `${bucket}/PATTERN-OF-OBJECTS`,
    },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucket,
      Condition: { StringLike: { 's3:prefix': 'PATTERN-OF-LISTINGS' } },
    },
    keyStatement(target),
  ]
  // Put in as text: the patterns are escaped already, and a cut must count what is sent.
  return JSON.stringify({ Version: '2012-10-17', Statement })
    .replace('PATTERN-OF-OBJECTS', () => objects)
    .replace('PATTERN-OF-LISTINGS', () => listings)
}

/**
 * A key that is named by ARN or id is the only one. Otherwise S3 chooses: the account's own, the bucket's default, what an
 * alias stands for, and which key that is only AWS knows; it may be used through S3 alone, and so for this bucket's objects.
 */
function keyStatement(target: NarrowedTarget) {
  return {
    Effect: 'Allow',
    // On a key, and through S3, that is to encrypt and decrypt. S3 servers without KMS refuse actions that they don't know.
    Action: '*',
    Resource: keyArn(target),
    // China's regions have a domain of their own.
    Condition: { StringLike: { 'kms:ViaService': `s3.${target.region}.amazonaws.com*` } },
  }
}

/** Without its account, for a key's id is its own everywhere, and Ceph's gateway takes no other account's ARNs. */
function keyArn({ kmsKeyId, region, ...target }: NarrowedTarget): string {
  const [, , , regionOfKey = region, , resource = kmsKeyId ?? ''] = kmsKeyId?.split(':') ?? []
  const id = /^(?:key\/)?([^/]+)$/.exec(resource)?.[1] ?? '*'
  return `arn:${partitionOf(target)}:kms:${regionOfKey}:*:key/${id}`
}

function partitionOf({ roleArn }: Pick<NarrowedTarget, 'roleArn'>): string {
  return roleArn.split(':')[1] ?? 'aws'
}

/** As JSON text within ASCII, all that AssumeRole takes for certain; what a policy reads as a pattern is matched by `?`. */
function patternOf(prefix: string): string {
  return JSON.stringify(prefix.replaceAll(/[*?$]/g, '?'))
    .slice(1, -1)
    .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Never in the middle of an escape, nor of a character that has two. */
function cut(pattern: string, lengthMax: number): string {
  if (pattern.length <= lengthMax) return pattern
  const units = pattern.match(/\\u[dD][89abAB]..\\u....|\\u....|\\.|./g) ?? []
  let length = 0
  return units
    .filter((unit) => {
      length += unit.length
      return length <= lengthMax
    })
    .join('')
}
