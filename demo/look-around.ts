import type { Outcome } from './steps.ts'
import { bucket, owner } from './world.ts'

/** Commands that show the bucket with other people's tools, for the demo that is running. */
export function lookAroundCommands({ sandboxUrl, apiUrl, project, bucket: landed }: Outcome): string {
  const file = landed.objects.find(({ key }) => key.endsWith('.json.gz'))?.key ?? '<key>'
  return [
    `export AWS_ACCESS_KEY_ID=${owner.accessKeyId} AWS_SECRET_ACCESS_KEY=${owner.secretAccessKey} AWS_REGION=${bucket.region}`,
    `aws --endpoint-url ${sandboxUrl} s3 ls --recursive s3://${bucket.name}/`,
    `aws --endpoint-url ${sandboxUrl} s3 cp s3://${bucket.name}/${file} - | zcat | head -3`,
    '',
    '# without the AWS command line:',
    `curl -s --aws-sigv4 aws:amz:${bucket.region}:s3 --user ${owner.accessKeyId}:${owner.secretAccessKey} \\`,
    ` -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' ${sandboxUrl}/${bucket.name}/${file} | zcat | head -3`,
    '',
    '# the pipeline and its runs:',
    `curl ${apiUrl}/api/2.0/nessie/pipeline/jobs -u ${project.api_secret}:`,
    `curl '${apiUrl}/api/2.0/nessie/pipeline/status?name=events-daily-s3-raw' -u ${project.api_secret}:`,
  ].join('\n')
}
