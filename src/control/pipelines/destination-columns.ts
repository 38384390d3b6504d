import type { Encryption, PipelineDestination } from './pipeline.ts'

/** Where the table `pipeline` has a pipeline's destination. */
export interface DestinationColumns {
  s3_bucket: string
  s3_region: string
  s3_prefix: string | null
  s3_role: string
  s3_encryption: Encryption
  s3_kms_key_id: string | null
}

export function destinationOf(row: DestinationColumns): PipelineDestination {
  return {
    bucket: row.s3_bucket,
    region: row.s3_region,
    prefix: row.s3_prefix,
    roleArn: row.s3_role,
    encryption: row.s3_encryption,
    kmsKeyId: row.s3_kms_key_id,
  }
}
