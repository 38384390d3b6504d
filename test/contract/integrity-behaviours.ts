import { Readable } from 'node:stream'
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
} from '@aws-sdk/client-s3'
import { sendSigned } from '../support/signed-request.ts'
import { assumeRole } from './laboratory.ts'
import { type Behaviour, outcome, type Scene } from './outcome.ts'

const body = Buffer.from('one line\nanother line\n')
const crc32 = 'ejsS6A=='
const wrong = { crc32: 'AAAAAA==', md5: 'AAAAAAAAAAAAAAAAAAAAAA==' }

function put(
  { s3, Bucket, key }: Scene,
  input: Partial<PutObjectCommandInput>,
  describe?: (answer: PutObjectCommandOutput) => unknown,
): Promise<string> {
  return outcome(s3.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ...input })), describe)
}

type Encrypted = Pick<PutObjectCommandOutput, 'ServerSideEncryption' | 'SSEKMSKeyId'>

/** What PUT and HEAD say of the encryption; the managed key's name differs by account, so only that it is one. */
async function encrypt(scene: Scene, input: Partial<PutObjectCommandInput>): Promise<string> {
  const describe = ({ ServerSideEncryption, SSEKMSKeyId }: Encrypted) =>
    [ServerSideEncryption ?? 'nothing', SSEKMSKeyId === undefined ? '' : keyName(scene, SSEKMSKeyId)]
      .join(' ')
      .trim()
  const answered = await put(scene, input, describe)
  if (/^\d/.test(answered)) return answered
  const { Bucket, key } = scene
  const head = await outcome(scene.s3.send(new HeadObjectCommand({ Bucket, Key: key })), describe)
  const read = await outcome(scene.s3.send(new GetObjectCommand({ Bucket, Key: key })), ({ Body }) =>
    Body?.transformToString(),
  )
  return `${answered}, ${head}, ${read === body.toString() ? 'readable' : read}`
}

function keyName({ lab }: Scene, keyId: string): string {
  if (keyId === lab.kmsKey) return 'with that key'
  return /^arn:aws:kms:[a-z0-9-]+:222222222222:key\/[0-9a-f-]{36}$/.test(keyId)
    ? 'with the key of the account'
    : keyId
}

async function handmade(
  scene: Scene,
  headers: Record<string, string>,
  payloadHash?: string,
): Promise<string> {
  const request = { method: 'PUT', path: `/${scene.Bucket}/${scene.key}`, body, headers }
  const credentials = await assumeRole(scene.lab)
  const signing = { credentials, region: scene.lab.region, ...(payloadHash !== undefined && { payloadHash }) }
  const { status, code } = await sendSigned(scene.lab.url, request, signing)
  return code === undefined ? String(status) : `${status} ${code}`
}

export const integrityBehaviours: Record<string, Behaviour> = {
  'a wrong Content-MD5 is refused': {
    aws: '400 BadDigest',
    act: (scene) => handmade(scene, { 'content-md5': wrong.md5 }),
  },
  'a Content-MD5 that is none is refused': {
    aws: '400 InvalidDigest',
    act: (scene) => handmade(scene, { 'content-md5': 'none' }),
  },
  'a body other than the hash that is signed is refused': {
    aws: '400 XAmzContentSHA256Mismatch',
    act: (scene) => handmade(scene, {}, 'a'.repeat(64)),
  },
  'a wrong checksum is refused': {
    aws: '400 BadDigest',
    act: (scene) => put(scene, { ChecksumCRC32: wrong.crc32 }),
  },
  'a checksum is confirmed': {
    aws: `${crc32} FULL_OBJECT`,
    act: (scene) =>
      put(
        scene,
        { ChecksumCRC32: crc32 },
        ({ ChecksumCRC32, ChecksumType }) => `${ChecksumCRC32} ${ChecksumType}`,
      ),
  },
  'a checksum is read back': {
    aws: crc32,
    act: async (scene) => {
      await put(scene, { ChecksumCRC32: crc32 })
      const { Bucket, key } = scene
      const head = new HeadObjectCommand({ Bucket, Key: key, ChecksumMode: 'ENABLED' })
      return outcome(scene.s3.send(head), ({ ChecksumCRC32 }) => ChecksumCRC32)
    },
  },
  'a stream with its length and its checksum in headers is stored': {
    aws: '200',
    act: (scene) =>
      put(scene, {
        Body: Readable.from([body.subarray(0, 5), body.subarray(5)]),
        ContentLength: body.length,
        ChecksumCRC32: crc32,
      }),
  },
  'a stream with its checksum in the trailer is stored': {
    aws: '200',
    act: (scene) => put(scene, { Body: Readable.from([body]), ContentLength: body.length }),
  },
  'an object that asks for no encryption is encrypted by the bucket': {
    aws: 'AES256, AES256, readable',
    act: (scene) => encrypt(scene, {}),
  },
  'AES256 is confirmed': {
    aws: 'AES256, AES256, readable',
    act: (scene) => encrypt(scene, { ServerSideEncryption: 'AES256' }),
  },
  'aws:kms with a key is confirmed': {
    aws: 'aws:kms with that key, aws:kms with that key, readable',
    act: (scene) => encrypt(scene, { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: scene.lab.kmsKey }),
  },
  'aws:kms without a key uses the key of the account': {
    aws: 'aws:kms with the key of the account, aws:kms with the key of the account, readable',
    act: (scene) => encrypt(scene, { ServerSideEncryption: 'aws:kms' }),
  },
  'aws:kms with a key that does not exist is refused': {
    aws: '400 KMS.NotFoundException',
    act: (scene) =>
      encrypt(scene, {
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: scene.lab.kmsKey.replace(/.{4}$/, '0000'),
      }),
  },
  'an encryption that there is not is refused': {
    aws: '400 InvalidArgument',
    act: (scene) => handmade(scene, { 'x-amz-server-side-encryption': 'rot13' }),
  },
  'a key without aws:kms is refused': {
    aws: '400 InvalidArgument',
    act: (scene) => handmade(scene, { 'x-amz-server-side-encryption-aws-kms-key-id': scene.lab.kmsKey }),
  },
}
