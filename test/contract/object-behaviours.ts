import { createHash } from 'node:crypto'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { type Behaviour, outcome, type Scene } from './outcome.ts'

const text = 'one line\nanother line\n'

async function put({ s3, Bucket, key }: Scene, body = text, suffix = '') {
  return await s3.send(new PutObjectCommand({ Bucket, Key: key + suffix, Body: body }))
}

function get({ s3, Bucket, key }: Scene, input: object = {}, suffix = ''): Promise<string> {
  return outcome(
    s3.send(new GetObjectCommand({ Bucket, Key: key + suffix, ...input })),
    async ({ Body, $metadata }) => `${$metadata.httpStatusCode} ${await Body?.transformToString()}`,
  )
}

/** Puts objects and lists them; the answer is named relative to this behaviour's own key. */
async function list(scene: Scene, suffixes: readonly string[], input: object = {}): Promise<string> {
  for (const suffix of suffixes) await put(scene, text, suffix)
  const { s3, Bucket, key } = scene
  const answer = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: key, ...input }))
  const names = (answer.Contents ?? []).map(({ Key = '' }) => Key.slice(key.length))
  const groups = (answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => `[${Prefix.slice(key.length)}]`)
  return [...names, ...groups].join(' ')
}

async function listInPages(scene: Scene, suffixes: readonly string[], pageSize: number): Promise<string> {
  for (const suffix of suffixes) await put(scene, text, suffix)
  const { s3, Bucket, key } = scene
  const pages: string[] = []
  let token: string | undefined
  do {
    const answer = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: key,
        MaxKeys: pageSize,
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    )
    pages.push((answer.Contents ?? []).map(({ Key = '' }) => Key.slice(key.length)).join(' '))
    token = answer.NextContinuationToken
  } while (token !== undefined)
  return pages.join(' | ')
}

export const objectBehaviours: Record<string, Behaviour> = {
  'an object is read as it was put': {
    aws: `200 ${text}`,
    act: async (scene) => {
      await put(scene)
      return get(scene)
    },
  },
  'an empty object is an object': {
    aws: '0',
    act: async (scene) => {
      await put(scene, '')
      const { s3, Bucket, key } = scene
      return outcome(
        s3.send(new HeadObjectCommand({ Bucket, Key: key })),
        ({ ContentLength }) => ContentLength,
      )
    },
  },
  'the later of two objects is the one that is there': {
    aws: '200 second',
    act: async (scene) => {
      await put(scene, 'the first, which is longer')
      await put(scene, 'second')
      return get(scene)
    },
  },
  'the ETag of what is put whole is its MD5': {
    aws: `"${createHash('md5').update(text).digest('hex')}"`,
    act: async (scene) => (await put(scene)).ETag ?? '',
  },
  'headers and metadata come back as they were sent': {
    aws: 'application/x-ndjson gzip max-age=1 {"a-b":"c d"}',
    act: async ({ s3, Bucket, key }) => {
      await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: key,
          Body: text,
          ContentType: 'application/x-ndjson',
          ContentEncoding: 'gzip',
          CacheControl: 'max-age=1',
          Metadata: { 'a-b': 'c d' },
        }),
      )
      const answer = await s3.send(new HeadObjectCommand({ Bucket, Key: key }))
      return `${answer.ContentType} ${answer.ContentEncoding} ${answer.CacheControl} ${JSON.stringify(answer.Metadata)}`
    },
  },
  'a key may hold what a URL gives a meaning': {
    aws: '200 strange',
    act: async (scene) => {
      const suffix = ' +&=?#%41/é🎉!*\'()"<>'
      await put(scene, 'strange', suffix)
      return get(scene, {}, suffix)
    },
  },
  'a range is read': {
    aws: '206 line',
    act: async (scene) => {
      await put(scene)
      return get(scene, { Range: 'bytes=4-7' })
    },
  },
  'the last bytes are read': {
    aws: '206 line\n',
    act: async (scene) => {
      await put(scene)
      return get(scene, { Range: 'bytes=-5' })
    },
  },
  'a range after the end is refused': {
    aws: '416 InvalidRange',
    act: async (scene) => {
      await put(scene)
      return get(scene, { Range: 'bytes=100-' })
    },
  },
  'an object is not read again where it has not changed': {
    aws: '304',
    act: async (scene) => {
      const { ETag } = await put(scene)
      return get(scene, { IfNoneMatch: ETag })
    },
  },
  'an object is not read where it has changed': {
    aws: '412 PreconditionFailed',
    act: async (scene) => {
      await put(scene)
      return get(scene, { IfMatch: '"00000000000000000000000000000000"' })
    },
  },
  'an object is put where none is, and not where one is': {
    aws: '200, 412 PreconditionFailed',
    act: async ({ s3, Bucket, key }) => {
      const once = () =>
        outcome(s3.send(new PutObjectCommand({ Bucket, Key: key, Body: text, IfNoneMatch: '*' })))
      return `${await once()}, ${await once()}`
    },
  },
  'an object that is not there is not read': { aws: '404 NoSuchKey', act: (scene) => get(scene) },
  'an object that is not there has no head': {
    aws: '404',
    act: ({ s3, Bucket, key }) => outcome(s3.send(new HeadObjectCommand({ Bucket, Key: key }))),
  },
  'an object is deleted, once and again': {
    aws: '204, 204, 404 NoSuchKey',
    act: async (scene) => {
      await put(scene)
      const { s3, Bucket, key } = scene
      const remove = () => outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: key })))
      return `${await remove()}, ${await remove()}, ${await get(scene)}`
    },
  },
  'several objects are deleted at once, those that are not there too': {
    aws: '3 deleted, left: ',
    act: async (scene) => {
      await put(scene, text, '1')
      await put(scene, text, '2 & <3>')
      const { s3, Bucket, key } = scene
      const Objects = ['1', '2 & <3>', 'none'].map((suffix) => ({ Key: key + suffix }))
      const deletion = s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
      const deleted = await outcome(deletion, ({ Deleted }) => `${Deleted?.length} deleted`)
      return `${deleted}, left: ${await list(scene, [])}`
    },
  },
  'a listing is in the order of the bytes of its keys': {
    aws: '/A /a /a/b /ab /é /🎉',
    act: (scene) => list(scene, ['/🎉', '/ab', '/a', '/é', '/A', '/a/b']),
  },
  'a listing groups keys by a delimiter': {
    aws: '/c [/a/] [/b/]',
    act: async (scene) =>
      list({ ...scene, key: scene.key }, ['/a/1', '/a/2', '/b/1', '/c'], {
        Prefix: `${scene.key}/`,
        Delimiter: '/',
      }),
  },
  'a listing begins after a key': {
    aws: '/c',
    act: (scene) => list(scene, ['/a', '/b', '/c'], { StartAfter: `${scene.key}/b` }),
  },
  'a listing in pages has every key once': {
    aws: '/a /b | /c /d | /e',
    act: (scene) => listInPages(scene, ['/a', '/b', '/c', '/d', '/e'], 2),
  },
  'a listing of nothing is empty': { aws: '', act: (scene) => list(scene, []) },
}
