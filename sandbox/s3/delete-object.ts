import type { Answer } from '../answer.ts'
import { objectArn, requireAllowed, type S3Context } from './s3-context.ts'

/** DeleteObject: 204 whether or not the object was there. */
export async function deleteObject(context: S3Context): Promise<Answer> {
  const { state, bucket, key } = context
  requireAllowed(context, 's3:DeleteObject', objectArn(bucket, key))
  state.objects.delete(bucket.name, key)
  return { status: 204 }
}
