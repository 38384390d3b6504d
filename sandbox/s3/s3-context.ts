import { AwsError } from '../answer.ts'
import { partitionOfRegion } from '../arn.ts'
import type { Exchange } from '../exchange.ts'
import { authorize } from '../iam/authorize.ts'
import { baseContext } from '../iam/base-context.ts'
import { requireKeyUse } from '../kms/require-key-use.ts'
import type { AwsRequest } from '../request.ts'
import type { Authentication } from '../sigv4/authenticate.ts'
import type { SandboxState } from '../state.ts'
import type { WorldBucket } from '../world.ts'
import { accessDenied } from './refusals.ts'

/** Everything an S3 operation needs: who asks, of which bucket, for which key. */
export interface S3Context {
  readonly state: SandboxState
  readonly request: AwsRequest
  readonly record: Exchange['record']
  readonly authentication: Authentication
  readonly payloadHash: string
  readonly bucket: WorldBucket
  /** Empty in the operations on a bucket. */
  readonly key: string
}

/** The condition keys of S3 that are read from headers, but for the encryption ones. */
const headerConditions = ['x-amz-acl', 'x-amz-content-sha256', 'x-amz-storage-class']

export function bucketArn(bucket: WorldBucket): string {
  return `arn:${partitionOfRegion(bucket.region)}:s3:::${bucket.name}`
}

export function objectArn(bucket: WorldBucket, key: string): string {
  return `${bucketArn(bucket)}/${key}`
}

/** Throws `AccessDenied` where policies do not allow the action on the resource. */
export function requireAllowed(
  context: S3Context,
  action: string,
  resource: string,
  conditions: Iterable<readonly [string, string]> = [],
): void {
  const all = requestConditions(context)
  for (const [name, value] of conditions) all.set(name, value)
  const verdict = authorize({
    principal: context.authentication.principal,
    action,
    resource,
    context: all,
    resourceAccount: context.bucket.account,
    resourcePolicy: context.bucket.policy,
    resourcePolicyDecides: false,
  })
  if (verdict.allowed) return
  const { principal } = context.authentication
  // To another account, S3 gives no reason.
  if (principal.account !== context.bucket.account) throw accessDenied()
  throw new AwsError(
    403,
    'AccessDenied',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: "${resource}" ${verdict.reason}`,
  )
}

/** Throws `AccessDenied` where the caller may not use the key, through S3, for this. */
export function requireKeyAllowed(
  context: S3Context,
  action: string,
  key: { readonly arn: string; readonly policy: WorldBucket['policy'] },
  encryptionContextArn: string,
): void {
  const { principal } = context.authentication
  const domain = context.bucket.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const conditions = requestConditions(context)
  conditions.set('kms:viaservice', `s3.${context.bucket.region}.${domain}`)
  conditions.set('kms:encryptioncontext:aws:s3:arn', encryptionContextArn)
  requireKeyUse({ principal, action, key, conditions, refusal: { status: 403, code: 'AccessDenied' } })
}

function requestConditions({ request, authentication, state, bucket }: S3Context): Map<string, string> {
  const conditions = baseContext(request, authentication.principal, state.world.current, state.nowMs())
  conditions.set('s3:resourceaccount', bucket.account)
  conditions.set('aws:resourceaccount', bucket.account)
  conditions.set('s3:signatureversion', 'AWS4-HMAC-SHA256')
  conditions.set('s3:authtype', authentication.signed.form === 'query' ? 'REST-QUERY-STRING' : 'REST-HEADER')
  for (const name of headerConditions) {
    const value = request.headers.get(name)
    if (value !== undefined) conditions.set(`s3:${name}`, value)
  }
  return conditions
}
