import type { Answer } from '../answer.ts'
import { writeXml } from '../xml.ts'
import { s3Namespace } from './list-objects.ts'
import { bucketArn, requireAllowed, type S3Context } from './s3-context.ts'

export async function headBucket(context: S3Context): Promise<Answer> {
  requireAllowed(context, 's3:ListBucket', bucketArn(context.bucket))
  return { status: 200, headers: { 'x-amz-bucket-region': context.bucket.region } }
}

/** GetBucketLocation: an empty element stands for us-east-1. */
export async function getBucketLocation(context: S3Context): Promise<Answer> {
  requireAllowed(context, 's3:GetBucketLocation', bucketArn(context.bucket))
  const { region } = context.bucket
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: writeXml(['LocationConstraint', region === 'us-east-1' ? '' : region], s3Namespace),
  }
}
