/** Conditions on writes, limits, the form of errors, and the owner that each request expects. */
import { createHash } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import { type HandmadeAnswer, type HandmadeRequest, sendSigned } from '../support/signed-request.ts'
import { assumeRole } from './laboratory.ts'
import { type Behaviour, outcome, type Scene } from './outcome.ts'

const text = 'one line\n'

function put({ s3, Bucket, key }: Scene, input: Partial<PutObjectCommandInput> = {}): Promise<string> {
  return outcome(s3.send(new PutObjectCommand({ Bucket, Key: key, Body: text, ...input })))
}

const putting = (aws: string, input: Partial<PutObjectCommandInput>): Behaviour => ({
  aws,
  act: (scene) => put(scene, input),
})

async function send({ lab }: Scene, request: HandmadeRequest): Promise<HandmadeAnswer> {
  const credentials = await assumeRole(lab)
  return sendSigned(lab.url, request, { credentials, region: lab.region })
}

const answerOf = ({ status, code }: HandmadeAnswer) =>
  code === undefined ? `${status}` : `${status} ${code}`

const listing = (aws: string, ...query: [string, string][]): Behaviour => ({
  aws,
  act: async (scene) => {
    const prefix: [string, string] = ['prefix', scene.key]
    const asked: [string, string][] = [['list-type', '2'], prefix, ...query]
    return answerOf(await send(scene, { method: 'GET', path: `/${scene.Bucket}`, query: asked }))
  },
})

const another = '999999999999'

export const requestBehaviours: Record<string, Behaviour> = {
  'an object is put over the one that is meant, and over no other': {
    aws: '200, 412 PreconditionFailed',
    act: async (scene) => {
      await put(scene)
      const IfMatch = `"${createHash('md5').update(text).digest('hex')}"`
      return `${await put(scene, { IfMatch, Body: 'two' })}, ${await put(scene, { IfMatch })}`
    },
  },
  'an object is not put over one that is not there': putting('404 NoSuchKey', { IfMatch: '"0"' }),
  'a range longer than the object is the object': {
    aws: `206 ${text}`,
    act: async (scene) => {
      await put(scene)
      const { s3, Bucket, key } = scene
      const get = new GetObjectCommand({ Bucket, Key: key, Range: 'bytes=0-999' })
      return outcome(
        s3.send(get),
        async ({ Body, $metadata }) => `${$metadata.httpStatusCode} ${await Body?.transformToString()}`,
      )
    },
  },
  'a key of more than 1024 bytes is refused': {
    aws: '400 KeyTooLongError',
    act: (scene) => put({ ...scene, key: scene.key.padEnd(1025, 'x') }),
  },
  'a Content-MD5 that fits is taken': putting('200', {
    ContentMD5: createHash('md5').update(text).digest('base64'),
  }),
  'metadata of more than 2 KiB is refused': putting('400 MetadataTooLarge', {
    Metadata: { note: 'x'.repeat(2049) },
  }),
  'a wrong SHA-256 is refused': putting('400 BadDigest', {
    ChecksumSHA256: Buffer.alloc(32).toString('base64'),
  }),
  'a checksum that is none is refused': {
    aws: '400 InvalidRequest',
    act: async (scene) =>
      answerOf(
        await send(scene, {
          method: 'PUT',
          path: `/${scene.Bucket}/${scene.key}`,
          body: text,
          headers: { 'x-amz-checksum-crc32': 'none' },
        }),
      ),
  },
  'a bucket that does not exist has no head': {
    aws: '404',
    act: ({ s3 }) => outcome(s3.send(new HeadBucketCommand({ Bucket: 'no-such-bucket' }))),
  },
  'a bucket of another account than expected is not read': {
    aws: '403 AccessDenied',
    act: async (scene) => {
      await put(scene)
      const { s3, Bucket, key } = scene
      return outcome(s3.send(new GetObjectCommand({ Bucket, Key: key, ExpectedBucketOwner: another })))
    },
  },
  'a bucket of another account than expected is not listed': {
    aws: '403 AccessDenied',
    act: ({ s3, Bucket, key }) =>
      outcome(s3.send(new ListObjectsV2Command({ Bucket, Prefix: key, ExpectedBucketOwner: another }))),
  },
  'from a bucket of another account than expected nothing is deleted': {
    aws: '403 AccessDenied',
    act: ({ s3, Bucket, key }) =>
      outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: key, ExpectedBucketOwner: another }))),
  },
  'a listing of no keys is one': listing('200', ['max-keys', '0']),
  'a listing of less than no keys is refused': listing('400 InvalidArgument', ['max-keys', '-1']),
  'a listing goes on from a token that it gave, and from no other': listing('400 InvalidArgument', [
    'continuation-token',
    'nobody gave this',
  ]),
  'a listing of more than 1000 keys has 1000': {
    aws: '1000',
    act: ({ s3, Bucket, key }) =>
      outcome(
        s3.send(new ListObjectsV2Command({ Bucket, Prefix: key, MaxKeys: 5000 })),
        ({ MaxKeys }) => MaxKeys,
      ),
  },
  'keys of a listing are percent-encoded where that is asked for': {
    aws: 'url /+&é',
    act: async (scene) => {
      const { s3, Bucket } = scene
      await s3.send(new PutObjectCommand({ Bucket, Key: `${scene.key}/+&é`, Body: '' }))
      const query: [string, string][] = [
        ['list-type', '2'],
        ['prefix', `${scene.key}/`],
        ['encoding-type', 'url'],
      ]
      const { text: xml } = await send(scene, { method: 'GET', path: `/${Bucket}`, query })
      const said = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
      if (!said('Key').endsWith('%2B%26%C3%A9')) return `not encoded: ${said('Key')}`
      return `${said('EncodingType')} ${decodeURIComponent(said('Key')).slice(scene.key.length)}`
    },
  },
  'an error says its code, the key and the request': {
    aws: 'application/xml Code Message Key RequestId HostId',
    act: async (scene) => {
      const path = `/${scene.Bucket}/${scene.key}`
      const { headers, text: xml } = await send(scene, { method: 'GET', path })
      const names = [...xml.matchAll(/<(\w+)>[^<]+<\/\1>/g)].map(([, name]) => name)
      return [headers['content-type'], ...names].join(' ')
    },
  },
  'each answer names its request': {
    aws: 'named',
    act: async (scene) => {
      const { headers } = await send(scene, { method: 'GET', path: `/${scene.Bucket}/${scene.key}` })
      return typeof headers['x-amz-request-id'] === 'string' ? 'named' : 'not named'
    },
  },
}
