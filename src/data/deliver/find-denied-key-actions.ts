/**
 * Whether a role may do with its key what no export asks for: KMS is asked itself, with the key's own ciphertext, and by a
 * dry run where there is one. Nothing that is encrypted here means anything, and nothing of it is kept.
 * https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
 */
import { randomBytes } from 'node:crypto'
import {
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import type { AwsDenial } from '../../aws/aws-denial.ts'
import { readAwsFailure } from '../../aws/aws-failure.ts'

/** Undefined where KMS, or what stands in for it, can't be asked. Never throws. */
export async function findDeniedKeyActions(
  kms: KMSClient,
  keyId: string,
  abortSignal: AbortSignal,
): Promise<AwsDenial[] | undefined> {
  const options = { abortSignal }
  const encrypt = new EncryptCommand({ KeyId: keyId, Plaintext: randomBytes(32) })
  const generate = new GenerateDataKeyWithoutPlaintextCommand({ KeyId: keyId, NumberOfBytes: 32 })
  const answers = [
    await asked('kms:DescribeKey', kms.send(new DescribeKeyCommand({ KeyId: keyId }), options)),
    await asked('kms:Encrypt', kms.send(encrypt, options)),
    await asked('kms:GenerateDataKeyWithoutPlaintext', kms.send(generate, options)),
  ]
  const [, encrypted, generated] = answers
  const CiphertextBlob = encrypted?.ciphertext ?? generated?.ciphertext
  if (CiphertextBlob !== undefined) {
    const keys = { SourceKeyId: keyId, DestinationKeyId: keyId }
    // KMS asks for the right to read before that to write, and names the one that is missing first.
    const again = kms.send(new ReEncryptCommand({ CiphertextBlob, ...keys, DryRun: true }), options)
    answers.push(await asked('kms:ReEncryptFrom', again))
  }
  if (answers.some(({ found }) => found === 'unknown')) return undefined
  return answers.flatMap(({ denial }) => denial ?? [])
}

interface Asked {
  found: 'allowed' | 'denied' | 'unknown'
  denial?: AwsDenial
  ciphertext?: Uint8Array
}

async function asked(action: string, sent: Promise<object>): Promise<Asked> {
  try {
    const answer = await sent
    const ciphertext = 'CiphertextBlob' in answer ? answer.CiphertextBlob : undefined
    return ciphertext instanceof Uint8Array ? { found: 'allowed', ciphertext } : { found: 'allowed' }
  } catch (error) {
    const { code, denial } = readAwsFailure(error)
    if (code === 'DryRunOperationException') return { found: 'allowed' }
    if (code !== 'AccessDeniedException') return { found: 'unknown' }
    const unexplained = { action, resource: undefined, policy: undefined, explicit: false }
    return { found: 'denied', denial: denial ?? unexplained }
  }
}
