/** The parameters of each operation: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html */
import { z } from 'zod'
import { AwsError } from '../answer.ts'

const blob = z.base64().transform((text) => Buffer.from(text, 'base64'))
const keyId = z.string().min(1).max(2048)
const context = z.record(z.string(), z.string()).default({})
const dryRun = z.boolean().default(false)
/** A key that names its own may be left out: the ciphertext tells. */
const ciphertext = blob.refine(({ length }) => length >= 1 && length <= 6144)

export const kmsInputs = {
  DescribeKey: z.strictObject({ KeyId: keyId }),
  Encrypt: z.strictObject({
    KeyId: keyId,
    Plaintext: blob.refine(({ length }) => length >= 1 && length <= 4096),
    EncryptionContext: context,
    DryRun: dryRun,
  }),
  Decrypt: z.strictObject({
    CiphertextBlob: ciphertext,
    KeyId: keyId.optional(),
    EncryptionContext: context,
    DryRun: dryRun,
  }),
  GenerateDataKey: z
    .strictObject({
      KeyId: keyId,
      KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
      NumberOfBytes: z.int().min(1).max(1024).optional(),
      EncryptionContext: context,
      DryRun: dryRun,
    })
    .refine(({ KeySpec, NumberOfBytes }) => (KeySpec === undefined) !== (NumberOfBytes === undefined), {
      error: 'Please specify either number of bytes or key spec.',
    }),
  ReEncrypt: z.strictObject({
    CiphertextBlob: ciphertext,
    SourceKeyId: keyId.optional(),
    DestinationKeyId: keyId,
    SourceEncryptionContext: context,
    DestinationEncryptionContext: context,
    DryRun: dryRun,
  }),
}

/** Throws `ValidationException` where the body is not of the schema. */
export function readKmsInput<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(body))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AwsError(400, 'ValidationException', `${issue?.path.join('.')}: ${issue?.message}`)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new AwsError(400, 'SerializationException', 'The body is not JSON.')
  }
}
