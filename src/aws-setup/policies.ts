/**
 * What a customer's account grants so that Penstock may export into its bucket. The procedure is Mixpanel's published
 * one, so a role that was made for Mixpanel works after its principal is changed.
 */

/** An AWS policy document, as IAM's JSON grammar has it. */
export interface PolicyDocument {
  Version: '2012-10-17'
  Statement: PolicyStatement[]
}

export interface PolicyStatement {
  Sid: string
  Effect: 'Allow'
  Principal?: { AWS: string }
  Action: string | string[]
  Resource?: string | string[]
  Condition?: PolicyCondition
}

export type PolicyCondition = Record<string, Record<string, string | string[]>>

export interface Grants {
  /** Of the bucket's region: every ARN begins with it. */
  partition: string
  bucket: string
  /** Without a slash at its end; null: the bucket's root. */
  prefix: string | null
  /** ARN of the customer's own key; null: none. */
  kmsKeyArn: string | null
  /** Who assumes the role: Penstock's own principal. */
  principalArn: string
  /** The project's token. */
  externalId: string
}

/** All that an export asks of S3. */
const objectActions = ['s3:PutObject', 's3:GetObject', 's3:DeleteObject']
const listAction = 's3:ListBucket'

const kmsActions = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptTo',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:DescribeKey',
  'kms:ReEncryptFrom',
]

/** The data modification policy, on the whole bucket. */
export function permissionsPolicy({
  partition,
  bucket,
}: Pick<Grants, 'partition' | 'bucket'>): PolicyDocument {
  const arn = bucketArn(partition, bucket)
  return documentOf({
    Sid: 'PenstockDataModification',
    Effect: 'Allow',
    Action: [...objectActions, listAction],
    Resource: [arn, `${arn}/*`],
  })
}

/** The same on one prefix of the bucket, and nothing beside it. Null where there is no prefix. */
export function narrowedPermissionsPolicy({
  partition,
  bucket,
  prefix,
}: Pick<Grants, 'partition' | 'bucket' | 'prefix'>): PolicyDocument | null {
  if (prefix === null) return null
  const arn = bucketArn(partition, bucket)
  const literal = escapePattern(prefix)
  return documentOf(
    {
      Sid: 'PenstockObjectsUnderPrefix',
      Effect: 'Allow',
      Action: objectActions,
      Resource: `${arn}/${literal}/*`,
    },
    {
      Sid: 'PenstockListUnderPrefix',
      Effect: 'Allow',
      Action: listAction,
      Resource: arn,
      Condition: { StringLike: { 's3:prefix': `${literal}/*` } },
    },
  )
}

/** Use of the customer's key, for `s3_encryption=kms`. Null where there is none. */
export function kmsPolicy({ kmsKeyArn }: Grants): PolicyDocument | null {
  if (kmsKeyArn === null) return null
  return documentOf({
    Sid: 'PenstockUseOfKey',
    Effect: 'Allow',
    Action: kmsActions,
    Resource: kmsKeyArn,
  })
}

/** Lets Penstock in, and only for this project: without the external ID another tenant could make Penstock use the role. */
export function trustPolicy({
  principalArn,
  externalId,
}: Pick<Grants, 'principalArn' | 'externalId'>): PolicyDocument {
  return documentOf({
    Sid: 'PenstockForThisProject',
    Effect: 'Allow',
    Principal: { AWS: principalArn },
    Action: 'sts:AssumeRole',
    Condition: externalIdCondition(externalId),
  })
}

/** What every statement of a trust policy that lets Penstock in must demand. */
export function externalIdCondition(externalId: string): PolicyCondition {
  return { StringEquals: { 'sts:ExternalId': externalId } }
}

function documentOf(...statements: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements }
}

function bucketArn(partition: string, bucket: string): string {
  return `arn:${partition}:s3:::${bucket}`
}

/**
 * A prefix may hold characters that policies read as patterns; the policy variables `${*}`, `${?}` and `${$}` stand for them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
function escapePattern(text: string): string {
  return text.replaceAll(/[*?$]/g, (character) => `\${${character}}`)
}
