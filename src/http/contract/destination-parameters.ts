/** Parameters that say where a pipeline exports to, as several calls take them. */
import type { z } from 'zod'
import { nearestName } from '../../config/nearest-name.ts'
import { encryptions, type PipelineDestination } from '../../control/pipelines/pipeline.ts'
import {
  bucketProblem,
  isRegion,
  kmsKeyProblem,
  knownRegions,
  partitionOf,
  partitionOfArn,
  roleProblem,
} from './aws-names.ts'
import { checkedParameter, choiceParameter, shown, textParameter } from './parameter.ts'
import { normalizePrefix, prefixProblem } from './s3-prefix.ts'

export const regionParameter = checkedParameter(
  's3_region',
  'must be the AWS region of the bucket, like us-west-2',
  (value) => {
    if (isRegion(value)) return undefined
    const near = nearestName(value, knownRegions)
    return `must be an AWS region, like us-west-2${near === undefined ? '' : `; did you mean ${near}?`}`
  },
)

export const s3PrefixParameter = textParameter('s3_prefix', 'must be a key prefix')
  .transform(normalizePrefix)
  .check((context) => {
    const found = prefixProblem(context.value)
    if (found !== undefined) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: `s3_prefix ${shown(context.value)} ${found}`,
      })
    }
  })
  .optional()

/** All of them, each on its own. */
export const destinationShape = {
  s3_bucket: checkedParameter('s3_bucket', 'must be the name of the bucket to export to', bucketProblem),
  s3_region: regionParameter,
  s3_role: checkedParameter(
    's3_role',
    'must be the ARN of the role that may write to the bucket',
    roleProblem,
  ),
  s3_prefix: s3PrefixParameter,
  s3_encryption: choiceParameter('s3_encryption', encryptions).optional(),
  s3_kms_key_id: textParameter('s3_kms_key_id', 'must be a KMS key').optional(),
}

type DestinationParameters = z.output<z.ZodObject<typeof destinationShape>>

/** What each of them may be beside the others. */
export function destinationConflicts(
  given: DestinationParameters,
): [name: keyof DestinationParameters, message: string][] {
  const found: [keyof DestinationParameters, string][] = []
  const partition = partitionOf(given.s3_region)
  if (partitionOfArn(given.s3_role) !== partition) {
    const wrong = `s3_role ${shown(given.s3_role)} must begin with arn:${partition}:`
    found.push(['s3_role', `${wrong} to fit s3_region ${given.s3_region}`])
  }
  const keyId = given.s3_kms_key_id
  if (keyId === undefined) return found
  const problem = kmsKeyProblem(keyId, given.s3_region)
  if (given.s3_encryption !== 'kms') {
    found.push(['s3_kms_key_id', 's3_kms_key_id goes only with s3_encryption=kms'])
  } else if (problem !== undefined) {
    found.push(['s3_kms_key_id', `s3_kms_key_id ${shown(keyId)} ${problem}`])
  } else if (keyId.startsWith('arn:') && partitionOfArn(keyId) !== partition) {
    found.push(['s3_kms_key_id', `s3_kms_key_id ${shown(keyId)} must begin with arn:${partition}:`])
  }
  return found
}

export function destinationOf(given: DestinationParameters): PipelineDestination {
  return {
    bucket: given.s3_bucket,
    region: given.s3_region,
    prefix: given.s3_prefix ?? null,
    roleArn: given.s3_role,
    encryption: given.s3_encryption ?? 'none',
    kmsKeyId: given.s3_kms_key_id ?? null,
  }
}
