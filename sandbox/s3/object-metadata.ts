import { z } from 'zod'

const objectEncryptionSchema = z.object({
  algorithm: z.enum(['AES256', 'aws:kms']),
  keyArn: z.string().nullable(),
  bucketKey: z.boolean(),
})

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const

const checksumSchema = z.object({
  algorithm: z.enum(checksumAlgorithms),
  /** Base64; of a composite one, with `-` and the number of parts. */
  value: z.string(),
  type: z.enum(['FULL_OBJECT', 'COMPOSITE']),
})

/** What is kept about an object, beside its bytes. */
export const storedObjectSchema = z.object({
  key: z.string(),
  size: z.number(),
  /** With its quotes. */
  etag: z.string(),
  lastModifiedMs: z.number(),
  /** Content-Type, Cache-Control and the like, and x-amz-meta-…: what reads answer as it was sent. */
  headers: z.record(z.string(), z.string()),
  encryption: objectEncryptionSchema,
  checksum: checksumSchema,
  /** Null for an object that was put whole. */
  partCount: z.number().nullable(),
  /** The name of the file that holds the bytes. */
  file: z.string(),
})

export type ObjectEncryption = z.output<typeof objectEncryptionSchema>
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]
export type Checksum = z.output<typeof checksumSchema>
export type StoredObject = z.output<typeof storedObjectSchema>
