/** Programs that upload a folder of files, told to do it in their fastest way. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BucketAccess } from '../../test/support/bucket-reader.ts'

interface UploadCommand {
  program: string
  args: string[]
  env: NodeJS.ProcessEnv
}

/** The command that uploads the files of `from` under `prefix`; `scratch` holds what it must be given as a file. */
export type Uploader = (
  from: string,
  access: BucketAccess,
  prefix: string,
  scratch: string,
) => Promise<UploadCommand>

export const uploaders = { rclone, aws } as const

/** Single PUTs, four at once, and no request beside them: no look at the bucket, no look at what was put, no checksum. */
function rclone(program: string): Uploader {
  return async (from, { url, region, bucket, owner }, prefix) => ({
    program,
    args: [
      ...['copy', from, `:s3:${bucket}/${prefix}`, '--transfers', '4'],
      ...[
        '--s3-upload-cutoff',
        '5G',
        '--s3-disable-checksum',
        '--s3-no-check-bucket',
        '--s3-no-head',
        '--s3-acl',
        'bucket-owner-full-control',
      ],
      ...['--no-check-dest', '--retries', '1', '--config', '/dev/null'],
    ],
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME },
      ...{ RCLONE_S3_PROVIDER: 'Ceph', RCLONE_S3_ENDPOINT: url, RCLONE_S3_REGION: region },
      RCLONE_S3_ACCESS_KEY_ID: owner.accessKeyId,
      RCLONE_S3_SECRET_ACCESS_KEY: owner.secretAccessKey,
    },
  })
}

function aws(program: string): Uploader {
  return async (from, access, prefix, scratch) => ({
    program,
    args: ['s3', 'cp', '--recursive', '--only-show-errors', from, `s3://${access.bucket}/${prefix}`],
    env: await awsEnvironment(access, scratch),
  })
}

/** What the AWS command line is told; its configuration file is written to `scratch`. */
export async function awsEnvironment(
  { url, region, owner }: BucketAccess,
  scratch: string,
): Promise<NodeJS.ProcessEnv> {
  const config = join(scratch, 'aws-config')
  await writeFile(config, awsConfig)
  return {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME },
    ...{ AWS_CONFIG_FILE: config, AWS_ENDPOINT_URL: url, AWS_REGION: region, AWS_DEFAULT_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: owner.accessKeyId, AWS_SECRET_ACCESS_KEY: owner.secretAccessKey },
  }
}

/** Single PUTs too, and the checksum behind the body, which other servers than AWS refuse, left out. */
const awsConfig = `[default]
request_checksum_calculation = when_required
s3 =
  multipart_threshold = 5GB
  payload_signing_enabled = false
  addressing_style = path
`
