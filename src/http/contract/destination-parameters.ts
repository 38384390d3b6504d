/** Parameters that say where a pipeline exports to, as several calls take them. */
import { nearestName } from '../../config/nearest-name.ts'
import { isRegion, knownRegions } from './aws-names.ts'
import { checkedParameter, shown, textParameter } from './parameter.ts'
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
