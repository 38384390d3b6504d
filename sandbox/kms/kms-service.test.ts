/** KMS by AWS's own SDK: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html */
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acme, acmeOwner, exporter, sandboxWorld } from '../../test/support/sandbox-world.ts'
import { type Sandbox, startSandbox } from '../main.ts'

const disabled = acme.kmsKey.replace('11111111', '99999999')
const leaving = acme.kmsKey.replace('11111111', '88888888')

let sandbox: Sandbox
let kms: KMSClient

beforeAll(async () => {
  const world = sandboxWorld()
  const keys = [
    ...world.keys,
    { arn: disabled, enabled: false },
    { arn: leaving, pending_deletion: true, aliases: ['alias/leaving'] },
  ]
  sandbox = await startSandbox({ world: { ...world, keys } })
  kms = clientOf(acmeOwner)
})
afterAll(async () => {
  kms.destroy()
  await sandbox.close()
})

function clientOf(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  return new KMSClient({ region: acme.region, endpoint: sandbox.url, credentials, maxAttempts: 1 })
}

const KeyId = acme.kmsKey
const Plaintext = Buffer.from('a secret')
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()

async function nameOf(sent: Promise<unknown>): Promise<string> {
  return sent.then(
    () => 'done',
    (error: Error) => error.name,
  )
}

test('what a key encrypts it decrypts, with the same encryption context only', async () => {
  const EncryptionContext = { b: '2', a: '1' }
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }))
  expect(text(CiphertextBlob)).not.toContain('a secret')
  const turned = { a: '1', b: '2' }
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: turned }))
  expect([text(opened.Plaintext), opened.KeyId]).toEqual(['a secret', KeyId])
  expect(await nameOf(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe('InvalidCiphertextException')
  const changed = Buffer.from(CiphertextBlob ?? [])
  changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1)
  expect(await nameOf(kms.send(new DecryptCommand({ CiphertextBlob: changed, EncryptionContext })))).toBe(
    'InvalidCiphertextException',
  )
})

test('a data key opens again, and comes with its plaintext only where that is asked for', async () => {
  const made = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
  expect(made.Plaintext).toHaveLength(32)
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, KeyId }))
  expect(opened.Plaintext).toEqual(made.Plaintext)
  const bare = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 7 }))
  expect(bare).not.toHaveProperty('Plaintext')
  expect(await nameOf(kms.send(new GenerateDataKeyCommand({ KeyId })))).toBe('ValidationException')
})

test('a ciphertext goes from one encryption context to another without being seen', async () => {
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
  const DestinationEncryptionContext = { to: 'there' }
  const again = await kms.send(
    new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId, DestinationEncryptionContext }),
  )
  const opened = await kms.send(
    new DecryptCommand({
      CiphertextBlob: again.CiphertextBlob,
      EncryptionContext: DestinationEncryptionContext,
    }),
  )
  expect(text(opened.Plaintext)).toBe('a secret')
})

test('a dry run does nothing and says whether it would have', async () => {
  const DryRun = true
  expect(await nameOf(kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun })))).toBe(
    'DryRunOperationException',
  )
  const stranger = clientOf(exporter)
  expect(await nameOf(stranger.send(new EncryptCommand({ KeyId, Plaintext, DryRun })))).toBe(
    'AccessDeniedException',
  )
  stranger.destroy()
})

test('keys that can not be used are described, and nothing else', async () => {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/leaving' }))
  expect(KeyMetadata).toMatchObject({ Arn: leaving, KeyState: 'PendingDeletion', Enabled: false })
  expect(await nameOf(kms.send(new EncryptCommand({ KeyId: disabled, Plaintext })))).toBe('DisabledException')
  expect(await nameOf(kms.send(new EncryptCommand({ KeyId: leaving, Plaintext })))).toBe(
    'KMSInvalidStateException',
  )
  const none = acme.kmsKey.replace('11111111', '77777777')
  expect(await nameOf(kms.send(new DescribeKeyCommand({ KeyId: none })))).toBe('NotFoundException')
})

test('an unknown access key, another secret and a broken token are refused in its own words', async () => {
  const cases: [object, string][] = [
    [{ accessKeyId: 'AKIANOBODY0000000001' }, 'UnrecognizedClientException'],
    [{ secretAccessKey: 'another' }, 'InvalidSignatureException'],
    [{ sessionToken: 'broken' }, 'UnrecognizedClientException'],
  ]
  for (const [change, name] of cases) {
    const client = clientOf({ ...acmeOwner, ...change })
    expect(await nameOf(client.send(new DescribeKeyCommand({ KeyId })))).toBe(name)
    client.destroy()
  }
})
