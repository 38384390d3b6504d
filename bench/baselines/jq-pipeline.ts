/** The pipeline that one types first: `zcat … | jq -c . | gzip -1 | aws s3 cp - s3://…`. */
import type { Account } from '../../test/support/export-place.ts'
import { type Finished, runProgram } from '../harness/process-usage.ts'
import { awsEnvironment } from './uploaders.ts'

const script = `set -euo pipefail
target=$1 jq=$2 aws=$3
shift 3
zcat "$@" | "$jq" -c . | gzip -1 | "$aws" s3 cp --only-show-errors - "$target"`

interface JqTools {
  jq: string
  aws: string
}

export async function jqPipeline(
  { jq, aws }: JqTools,
  files: readonly string[],
  { access }: Account,
  prefix: string,
  scratch: string,
): Promise<Finished> {
  const target = `s3://${access.bucket}/${prefix}all.json.gz`
  const env = await awsEnvironment(access, scratch)
  return await runProgram('bash', ['-c', script, 'bash', target, jq, aws, ...files], { env })
}
