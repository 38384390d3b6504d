/** The two AWS accounts of the demo: Penstock's own, and that of the customer who owns the bucket. */

export interface Identity {
  arn: string
  accessKeyId: string
  secretAccessKey: string
}

/** What Penstock runs as. */
export const exporter: Identity = {
  arn: 'arn:aws:iam::111111111111:user/penstock',
  accessKeyId: 'AKIADEMOEXPORTER0001',
  secretAccessKey: 'demo-exporter-secret',
}

/** The customer's administrator, who looks at what came. */
export const owner: Identity = {
  arn: 'arn:aws:iam::222222222222:user/owner',
  accessKeyId: 'AKIADEMOOWNER0000001',
  secretAccessKey: 'demo-owner-secret',
}

export const bucket = { name: 'example-s3-export', account: '222222222222', region: 'us-west-2' }
export const roleArn = 'arn:aws:iam::222222222222:role/example-s3-role'

/** The content of the sandbox's world file. */
export function makeWorld(token: string): object {
  return {
    users: [exporter, owner].map(({ arn, accessKeyId, secretAccessKey }) => ({
      arn,
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
    })),
    roles: [{ arn: roleArn, trust_policy: trustPolicy(token), policies: [dataModificationPolicy] }],
    buckets: [bucket],
  }
}

/** Penstock may take the role only where it brings the project's token. */
function trustPolicy(token: string): object {
  return {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: exporter.arn },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': token } },
    },
  }
}

/** All that an export needs. */
const dataModificationPolicy = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:GetObject', 's3:ListBucket', 's3:DeleteObject'],
    Resource: [`arn:aws:s3:::${bucket.name}`, `arn:aws:s3:::${bucket.name}/*`],
  },
}
