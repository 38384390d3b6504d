/** What STS refuses, and what the policy of a session does to requests. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import { assumeRole, type RoleRequest, s3Client } from './laboratory.ts'
import { type Behaviour, outcome, type Scene } from './outcome.ts'

const asking = (aws: string, request: RoleRequest): Behaviour => ({
  aws,
  act: ({ lab }) => outcome(assumeRole(lab, request), () => 'granted'),
})

type Statement = Record<string, unknown>

async function underPolicy({ lab }: Scene, ...Statement: Statement[]) {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement })
  return s3Client(lab, await assumeRole(lab, { policy }))
}

const everything = { Effect: 'Allow', Action: '*', Resource: '*' }

/** A put of each input in turn, in a session with a Deny of puts under this condition. */
function denying(aws: string, Condition: object, ...inputs: ((scene: Scene) => object)[]): Behaviour {
  return {
    aws,
    act: async (scene) => {
      const { Bucket, key } = scene
      const Resource = `arn:aws:s3:::${Bucket}/*`
      const deny = { Effect: 'Deny', Action: 's3:PutObject', Resource, Condition }
      const s3 = await underPolicy(scene, everything, deny)
      const answers: string[] = []
      for (const input of inputs) {
        const put: PutObjectCommandInput = { Bucket, Key: key, Body: 'x', ...input(scene) }
        answers.push(await outcome(s3.send(new PutObjectCommand(put))))
      }
      return answers.join(', then ')
    },
  }
}

const plain = () => ({})
const byKey = ({ lab }: Scene) => ({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: lab.kmsKey })
const header = 's3:x-amz-server-side-encryption'

export const sessionBehaviours: Record<string, Behaviour> = {
  'a session shorter than 15 minutes is refused': asking('400 ValidationError', { seconds: 899 }),
  'a session longer than 12 hours is refused': asking('400 ValidationError', { seconds: 43_201 }),
  'a session longer than its role allows is refused': asking('400 ValidationError', { seconds: 7200 }),
  'a session name with a space is refused': asking('400 ValidationError', { sessionName: 'a b' }),
  'an external ID of one character is refused': asking('400 ValidationError', { externalId: 'x' }),
  'a role that is no ARN is refused': asking('400 ValidationError', { role: 'penstock-export-role' }),
  'an unknown access key is refused by STS': asking('403 InvalidClientTokenId', {
    credentials: { accessKeyId: 'AKIANOBODY0000000001', secretAccessKey: 'x' },
  }),
  'another secret is refused by STS': {
    aws: '403 SignatureDoesNotMatch',
    act: ({ lab }) =>
      outcome(assumeRole(lab, { credentials: { ...lab.exporter, secretAccessKey: 'another' } })),
  },
  'a session policy that is not JSON is refused': asking('400 MalformedPolicyDocumentException', {
    policy: 'Allow everything',
  }),
  'a session policy of more than 2048 characters is refused': asking('400 ValidationError', {
    policy: JSON.stringify({ Version: '2012-10-17', Statement: [everything] }).padEnd(2049),
  }),
  'a policy that denies puts without encryption takes those with': denying(
    '403 AccessDenied, then 200',
    { Null: { [header]: 'true' } },
    plain,
    byKey,
  ),
  'a policy that denies puts with another encryption than aws:kms': denying(
    '403 AccessDenied, then 200',
    { StringNotEquals: { [header]: 'aws:kms' } },
    () => ({ ServerSideEncryption: 'AES256' }),
    byKey,
  ),
  'a Deny wins over an Allow': denying('403 AccessDenied', {}, plain),
  'a policy with a prefix lets list below it, and nothing else': {
    aws: '200, 403 AccessDenied, 403 AccessDenied',
    act: async (scene) => {
      const { Bucket, key } = scene
      const s3 = await underPolicy(scene, {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: `arn:aws:s3:::${Bucket}`,
        Condition: { StringLike: { 's3:prefix': 'contract-*' } },
      })
      const list = (Prefix?: string) =>
        outcome(s3.send(new ListObjectsV2Command({ Bucket, ...(Prefix === undefined ? {} : { Prefix }) })))
      return `${await list(key)}, ${await list('other/')}, ${await list()}`
    },
  },
  'who may not list is not told that an object is not there': {
    aws: '403 AccessDenied',
    act: async (scene) => {
      const { Bucket, key } = scene
      const Resource = `arn:aws:s3:::${Bucket}/*`
      const s3 = await underPolicy(scene, { Effect: 'Allow', Action: 's3:GetObject', Resource })
      return outcome(s3.send(new GetObjectCommand({ Bucket, Key: key })))
    },
  },
  'who may not delete is denied also what is not there': {
    aws: '403 AccessDenied',
    act: async (scene) => {
      const { Bucket, key } = scene
      const s3 = await underPolicy(scene, { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' })
      return outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: key })))
    },
  },
  'who may not use the key can not put with it': {
    aws: '403 AccessDenied',
    act: async (scene) => {
      const { Bucket, key } = scene
      const s3 = await underPolicy(scene, { Effect: 'Allow', Action: 's3:*', Resource: '*' })
      const input = { Bucket, Key: key, Body: 'x', ...byKey(scene) } as PutObjectCommandInput
      return outcome(s3.send(new PutObjectCommand(input)))
    },
  },
}
