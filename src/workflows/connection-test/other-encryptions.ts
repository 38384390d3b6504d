import { AwsRequestError } from '../../aws/aws-failure.ts'
import { smallFile } from '../../data/deliver/small-file.ts'
import type { PenstockError } from '../../errors/penstock-error.ts'
import type { ObjectTest } from './object-test.ts'
import { newProbeContent, newProbeKey } from './probe-object.ts'

/**
 * A bucket's policy may demand one encryption: where it denies a put, the others are tried, and those that it takes are
 * told as the end of the message. Empty where that is not the reason.
 */
export async function acceptedEncryptions(test: ObjectTest, error: PenstockError): Promise<string> {
  const denial = error.cause instanceof AwsRequestError ? error.cause.denial : undefined
  if (denial?.policy !== 'resource' || !denial.explicit || denial.action !== 's3:PutObject') return ''
  const accepted: string[] = []
  for (const encryption of ['aes', 'kms'] as const) {
    if (await accepts(test, encryption)) accepted.push(`s3_encryption=${encryption}`)
  }
  if (accepted.length === 0) return ''
  return `The bucket takes the object with ${accepted.join(', and with ')}: create the pipeline with that.`
}

async function accepts(
  { destination, folder, clock, attempt, signal, context }: ObjectTest,
  encryption: 'aes' | 'kms',
): Promise<boolean> {
  if (encryption === context.encryption && context.kmsKeyId === null) return false
  const other = destination.encryptedBy(encryption)
  const key = newProbeKey(folder, clock.nowMs())
  const put = await attempt(() => other.putFile(key, smallFile(key, newProbeContent()), signal))
  if (put.error !== undefined && !put.error.retryable) return false
  const gone = await attempt(() => other.deleteObject(key, signal))
  return put.error === undefined && gone.error === undefined
}
