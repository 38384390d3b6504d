/** AWS's rules for the names that a destination is given by. Each function says what is allowed, or finds nothing wrong. */

export type Partition = 'aws' | 'aws-cn' | 'aws-us-gov'

/** What is wrong with a name, as the end of a sentence that begins with it. */
export type Problem = string | undefined

const bucketRule =
  'must be a bucket name: 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends'

const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-']
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3']

export function bucketProblem(bucket: string): Problem {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return bucketRule
  if (bucket.includes('..')) return `${bucketRule}, and no two dots in a row`
  if (/^\d+\.\d+\.\d+\.\d+$/.test(bucket)) return `${bucketRule}, and not in the form of an IP address`
  const prefix = reservedPrefixes.find((reserved) => bucket.startsWith(reserved))
  if (prefix !== undefined) return `must not begin with ${prefix}, which AWS reserves`
  const suffix = reservedSuffixes.find((reserved) => bucket.endsWith(reserved))
  if (suffix !== undefined) return `must not end with ${suffix}, which AWS reserves`
  return undefined
}

/** The regions of the reference; every later one of the same form is accepted too. */
export const knownRegions = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-south-1',
  'ca-central-1',
  'cn-north-1',
  'cn-northwest-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'me-south-1',
] as const

const regionForm =
  /^(us-gov|[a-z]{2})-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]\d?$/

export function isRegion(region: string): boolean {
  return regionForm.test(region)
}

export function partitionOf(region: string): Partition {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

const roleForm =
  /^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role\/(?:[\x21-\x2e\x30-\x7e]+\/)*[A-Za-z0-9_+=,.@-]{1,64}$/
const arnLengthMax = 2048

export function roleProblem(role: string): Problem {
  if (role.length <= arnLengthMax && roleForm.test(role)) return undefined
  return 'must be the ARN of an IAM role, like arn:aws:iam::<12-digit account id>:role/<name>'
}

const keyForm = '(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32})'
const keyIdForm = new RegExp(`^${keyForm}$`)
const kmsArnForm = new RegExp(
  `^arn:(aws|aws-cn|aws-us-gov):kms:([a-z0-9-]+):\\d{12}:(?:key/${keyForm}|alias/[A-Za-z0-9/_-]{1,250})$`,
)

/** @param region that of the bucket: S3 encrypts with keys of its own region only */
export function kmsKeyProblem(keyId: string, region: string): Problem {
  if (keyIdForm.test(keyId)) return undefined
  const [, , keyRegion] = kmsArnForm.exec(keyId) ?? []
  if (keyRegion === undefined) {
    return 'must be the ARN of a KMS key, its key id, or the ARN of an alias (arn:aws:kms:<region>:<account id>:alias/<name>)'
  }
  return keyRegion === region ? undefined : `is a key in ${keyRegion}; it must be in s3_region, ${region}`
}

const keyArnForm = new RegExp(`^arn:(aws|aws-cn|aws-us-gov):kms:[a-z0-9-]+:\\d{12}:key/${keyForm}$`)

/** Of a key that a policy names: IAM takes neither ids nor aliases for it. */
export function keyArnProblem(arn: string): Problem {
  if (keyArnForm.test(arn)) return undefined
  return 'must be the ARN of a KMS key, like arn:aws:kms:<region>:<account id>:key/<key id>; policies name keys by nothing else'
}

export function roleNameProblem(name: string): Problem {
  if (/^[\w+=,.@-]{1,64}$/.test(name)) return undefined
  return 'must have 1 to 64 letters, digits and + = , . @ _ -'
}

/** The partition that an ARN names. */
export function partitionOfArn(arn: string): string {
  return arn.split(':')[1] ?? ''
}
