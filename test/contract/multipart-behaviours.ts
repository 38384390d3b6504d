import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { type Behaviour, outcome, type Scene } from './outcome.ts'

const large = Buffer.alloc(5 * 1024 * 1024, 'a')
const small = Buffer.from('the end')

interface Part {
  readonly PartNumber: number
  readonly ETag: string | undefined
}

async function begin({ s3, Bucket, key }: Scene): Promise<string> {
  const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: key }))
  return UploadId
}

async function upload(
  { s3, Bucket, key }: Scene,
  UploadId: string,
  PartNumber: number,
  Body: Buffer,
): Promise<Part> {
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: key, UploadId, PartNumber, Body }))
  return { PartNumber, ETag }
}

function complete({ s3, Bucket, key }: Scene, UploadId: string, Parts: readonly Part[]): Promise<string> {
  const input = { Bucket, Key: key, UploadId, MultipartUpload: { Parts: [...Parts] as never[] } }
  return outcome(s3.send(new CompleteMultipartUploadCommand(input)), () => 'complete')
}

async function abort({ s3, Bucket, key }: Scene, UploadId: string): Promise<string> {
  return outcome(s3.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId })))
}

function head({ s3, Bucket, key }: Scene): Promise<string> {
  return outcome(s3.send(new HeadObjectCommand({ Bucket, Key: key })), ({ ContentLength }) => ContentLength)
}

const md5 = (data: Buffer) => createHash('md5').update(data).digest()
const etagOfParts = `"${md5(Buffer.concat([md5(large), md5(small)])).toString('hex')}-2"`

export const multipartBehaviours: Record<string, Behaviour> = {
  'parts become one object when they are complete, and not before': {
    aws: `404, ${etagOfParts}, the end`,
    act: async (scene) => {
      const id = await begin(scene)
      const second = await upload(scene, id, 2, small)
      const first = await upload(scene, id, 1, large)
      const before = await head(scene)
      await complete(scene, id, [first, second])
      const Range = `bytes=${large.length}-`
      const { Body, ETag } = await scene.s3.send(
        new GetObjectCommand({ Bucket: scene.Bucket, Key: scene.key, Range }),
      )
      return `${before}, ${ETag}, ${await Body?.transformToString()}`
    },
  },
  'a part that is sent again replaces the first': {
    aws: '1: 7 bytes',
    act: async (scene) => {
      const id = await begin(scene)
      await upload(scene, id, 1, Buffer.from('another part'))
      await upload(scene, id, 1, small)
      const { s3, Bucket, key } = scene
      const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key: key, UploadId: id }))
      await abort(scene, id)
      return Parts.map(({ PartNumber, Size }) => `${PartNumber}: ${Size} bytes`).join()
    },
  },
  'parts out of order are refused': {
    aws: '400 InvalidPartOrder',
    act: async (scene) => {
      const id = await begin(scene)
      const [first, second] = [await upload(scene, id, 1, large), await upload(scene, id, 2, small)]
      const refused = await complete(scene, id, [second, first])
      await abort(scene, id)
      return refused
    },
  },
  'a short part that is not the last is refused': {
    aws: '400 EntityTooSmall',
    act: async (scene) => {
      const id = await begin(scene)
      const parts = [await upload(scene, id, 1, small), await upload(scene, id, 2, small)]
      const refused = await complete(scene, id, parts)
      await abort(scene, id)
      return refused
    },
  },
  'a part that was not uploaded is refused': {
    aws: '400 InvalidPart',
    act: async (scene) => {
      const id = await begin(scene)
      const first = await upload(scene, id, 1, small)
      const refused = await complete(scene, id, [{ ...first, ETag: '"00000000000000000000000000000000"' }])
      await abort(scene, id)
      return refused
    },
  },
  'an upload that is aborted is gone': {
    aws: '204, 404 NoSuchUpload, 404',
    act: async (scene) => {
      const id = await begin(scene)
      const part = await upload(scene, id, 1, small)
      return `${await abort(scene, id)}, ${await complete(scene, id, [part])}, ${await head(scene)}`
    },
  },
}
