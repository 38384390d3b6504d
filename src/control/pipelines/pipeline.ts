export const frequencies = ['daily', 'hourly'] as const
export type Frequency = (typeof frequencies)[number]

export const encryptions = ['none', 'aes', 'kms'] as const
export type Encryption = (typeof encryptions)[number]

/** `removed`: canceled by its owner; for the API it no longer exists. */
export type PipelineState = 'active' | 'paused' | 'removed'

/** Where and as whom the files of a pipeline are written. */
export interface PipelineDestination {
  bucket: string
  region: string
  /** Without slashes at its ends; null for none. */
  prefix: string | null
  roleArn: string
  encryption: Encryption
  /** Null: with `kms`, the account's own `aws/s3` key. */
  kmsKeyId: string | null
}
