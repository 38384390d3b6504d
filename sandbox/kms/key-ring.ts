/** Which key a request means, and whether it can be used. */
import { createHash } from 'node:crypto'
import { AwsError } from '../answer.ts'
import { parseArn, partitionOfRegion } from '../arn.ts'
import { type Policy, resourcePolicySchema } from '../iam/policy-document.ts'
import type { World, WorldKey } from '../world.ts'

export interface KmsKey {
  readonly arn: string
  readonly policy: Policy
  readonly enabled: boolean
  readonly pendingDeletion: boolean
}

export interface KeyLookup {
  /** The bucket's: S3 uses keys of its own region only. */
  readonly region: string
  /** The caller's: an id or alias without account is looked for there. */
  readonly callerAccount: string
  /** Whose aws/s3 key is meant where no key is named. */
  readonly bucketAccount: string
}

/** The key that an ARN, an id or an alias names; without one, the aws/s3 key of the bucket's account. */
export function findKey(world: World, keyId: string | null, lookup: KeyLookup): KmsKey {
  if (keyId === null) return managedKey(lookup.bucketAccount, lookup.region)
  const arn = keyId.startsWith('arn:') ? keyId : localArn(keyId, lookup)
  const { region = '', account = '', resource = '' } = parseArn(arn) ?? {}
  if (region !== lookup.region) {
    throw new AwsError(400, 'KMS.NotFoundException', `Invalid arn ${region}`)
  }
  const managed = managedKey(account, region)
  if (resource === 'alias/aws/s3' || arn === managed.arn) return managed
  const found = world.keys.find((key) => key.arn === arn || aliasArns(key).includes(arn))
  if (found === undefined) throw new AwsError(400, 'KMS.NotFoundException', notFoundMessage(arn, resource))
  return { ...found, policy: found.policy ?? accountDecides(account, region) }
}

/** Throws what KMS says of a key that is disabled or on its way out. */
export function requireUsable(key: KmsKey): void {
  if (key.pendingDeletion) {
    throw new AwsError(400, 'KMS.KMSInvalidStateException', `${key.arn} is pending deletion.`)
  }
  if (!key.enabled) throw new AwsError(400, 'KMS.DisabledException', `${key.arn} is disabled.`)
}

function localArn(keyId: string, { region, callerAccount }: KeyLookup): string {
  const resource = keyId.startsWith('alias/') ? keyId : `key/${keyId.replace(/^key\//, '')}`
  return `arn:${partitionOfRegion(region)}:kms:${region}:${callerAccount}:${resource}`
}

function aliasArns(key: WorldKey): string[] {
  const { partition, region, account } = parseArn(key.arn) ?? {}
  return key.aliases.map((alias) => `arn:${partition}:kms:${region}:${account}:${alias}`)
}

function notFoundMessage(arn: string, resource: string): string {
  return resource.startsWith('alias/') ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`
}

/** The key that AWS keeps for S3 in every account and region: usable by its account through S3, and by nobody else. */
function managedKey(account: string, region: string): KmsKey {
  const digest = createHash('sha256').update(`aws/s3 ${account} ${region}`).digest('hex')
  const id = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ]
  return {
    arn: `arn:${partitionOfRegion(region)}:kms:${region}:${account}:key/${id.join('-')}`,
    policy: throughS3(account, region),
    enabled: true,
    pendingDeletion: false,
  }
}

function throughS3(account: string, region: string): Policy {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return resourcePolicySchema.parse({
    Statement: {
      Effect: 'Allow',
      Principal: '*',
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `s3.${region}.${domain}` },
      },
    },
  })
}

/** The policy of a key that was made without one. */
function accountDecides(account: string, region: string): Policy {
  return resourcePolicySchema.parse({
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:${partitionOfRegion(region)}:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  })
}
