import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { AwsError } from '../answer.ts'
import { parseArn } from '../arn.ts'
import type { KmsAction } from './actions.ts'
import { type EncryptionContext, keyOf, seal, unseal } from './ciphertext.ts'
import { type KmsKey, requireUsable } from './key-ring.ts'
import { askedKey, type KmsContext, requireKeyAction } from './kms-context.ts'
import { kmsInputs, readKmsInput } from './kms-input.ts'

type Operation = (context: KmsContext, body: string) => object

export const kmsOperations: Record<KmsAction, Operation> = {
  DescribeKey: (context, body) => {
    const key = askedKey(context, readKmsInput(kmsInputs.DescribeKey, body).KeyId)
    requireKeyAction(context, 'kms:DescribeKey', key)
    return { KeyMetadata: metadataOf(key) }
  },
  Encrypt: (context, body) => {
    const input = readKmsInput(kmsInputs.Encrypt, body)
    const key = usableKey(context, 'kms:Encrypt', input.KeyId, input)
    return {
      CiphertextBlob: textOf(seal(key.arn, input.Plaintext, input.EncryptionContext)),
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    }
  },
  Decrypt: (context, body) => {
    const input = readKmsInput(kmsInputs.Decrypt, body)
    const keyId = sourceKey(context, input.CiphertextBlob, input.KeyId)
    const key = usableKey(context, 'kms:Decrypt', keyId, input)
    const plaintext = opened(input.CiphertextBlob, input.EncryptionContext)
    return { Plaintext: textOf(plaintext), KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }
  },
  GenerateDataKey: (context, body) => {
    const input = readKmsInput(kmsInputs.GenerateDataKey, body)
    const { key, plaintext, ciphertext } = dataKey(context, 'kms:GenerateDataKey', input)
    return { CiphertextBlob: textOf(ciphertext), Plaintext: textOf(plaintext), KeyId: key.arn }
  },
  GenerateDataKeyWithoutPlaintext: (context, body) => {
    const input = readKmsInput(kmsInputs.GenerateDataKey, body)
    const { key, ciphertext } = dataKey(context, 'kms:GenerateDataKeyWithoutPlaintext', input)
    return { CiphertextBlob: textOf(ciphertext), KeyId: key.arn }
  },
  ReEncrypt: (context, body) => {
    const input = readKmsInput(kmsInputs.ReEncrypt, body)
    const sourceId = sourceKey(context, input.CiphertextBlob, input.SourceKeyId)
    const source = askedKey(context, sourceId)
    requireKeyAction(context, 'kms:ReEncryptFrom', source, input.SourceEncryptionContext)
    requireUsable(source)
    const destination = usableKey(context, 'kms:ReEncryptTo', input.DestinationKeyId, {
      EncryptionContext: input.DestinationEncryptionContext,
      DryRun: input.DryRun,
    })
    const plaintext = opened(input.CiphertextBlob, input.SourceEncryptionContext)
    const ciphertext = seal(destination.arn, plaintext, input.DestinationEncryptionContext)
    return { CiphertextBlob: textOf(ciphertext), SourceKeyId: source.arn, KeyId: destination.arn }
  },
}

interface KeyUse {
  EncryptionContext: EncryptionContext
  DryRun: boolean
}

/** The key, where the caller may use it for this. A dry run ends here: in an error, also where all is well. */
function usableKey(context: KmsContext, action: string, keyId: string, use: KeyUse): KmsKey {
  const key = askedKey(context, keyId)
  requireKeyAction(context, action, key, use.EncryptionContext)
  requireUsable(key)
  if (!use.DryRun) return key
  throw new AwsError(
    412,
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
  )
}

function dataKey(context: KmsContext, action: string, input: z.output<typeof kmsInputs.GenerateDataKey>) {
  const key = usableKey(context, action, input.KeyId, input)
  const plaintext = randomBytes(input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32))
  return { key, plaintext, ciphertext: seal(key.arn, plaintext, input.EncryptionContext) }
}

function sourceKey(context: KmsContext, ciphertext: Buffer, asked: string | undefined): string {
  const keyArn = keyOf(ciphertext)
  if (keyArn === null) throw new AwsError(400, 'InvalidCiphertextException', '')
  if (asked !== undefined && askedKey(context, asked).arn !== keyArn) {
    throw new AwsError(
      400,
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    )
  }
  return keyArn
}

function opened(ciphertext: Buffer, context: EncryptionContext): Buffer {
  const plaintext = unseal(ciphertext, context)
  if (plaintext === null) throw new AwsError(400, 'InvalidCiphertextException', '')
  return plaintext
}

function metadataOf({ arn, enabled, pendingDeletion }: KmsKey): object {
  const { account, resource = '' } = parseArn(arn) ?? {}
  return {
    AWSAccountId: account,
    Arn: arn,
    KeyId: resource.replace(/^key\//, ''),
    Enabled: enabled && !pendingDeletion,
    KeyState: pendingDeletion ? 'PendingDeletion' : enabled ? 'Enabled' : 'Disabled',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    Origin: 'AWS_KMS',
    MultiRegion: false,
  }
}

function textOf(bytes: Buffer): string {
  return bytes.toString('base64')
}
