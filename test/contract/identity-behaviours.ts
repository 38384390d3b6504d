import {
  DeleteObjectCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { type Credentials, sendPresigned, sendSigned, sendUnsigned } from '../support/signed-request.ts'
import { assumeRole, type Laboratory, type RoleRequest, s3Client } from './laboratory.ts'
import { type Behaviour, outcome, type Scene } from './outcome.ts'

const granted = (request: RoleRequest, lab: Laboratory) => outcome(assumeRole(lab, request), () => 'granted')

const assuming = (aws: string, request: RoleRequest | ((lab: Laboratory) => RoleRequest)): Behaviour => ({
  aws,
  act: ({ lab }) => granted(typeof request === 'function' ? request(lab) : request, lab),
})

/** Puts an object with other credentials than the right ones. */
const putAs = (aws: string, credentialsOf: (lab: Laboratory) => Promise<Credentials>): Behaviour => ({
  aws,
  act: async ({ lab, key, Bucket }) =>
    outcome(
      s3Client(lab, await credentialsOf(lab)).send(new PutObjectCommand({ Bucket, Key: key, Body: 'x' })),
    ),
})

const handmade = ({ lab, key, Bucket }: Scene) => ({
  method: 'PUT',
  path: `/${Bucket}/${key}`,
  body: 'x',
  url: lab.url,
})
const answerOf = ({ status, code }: { status: number; code: string | undefined }) =>
  code ? `${status} ${code}` : `${status}`

async function putAt(scene: Scene, ageMs: number): Promise<string> {
  const credentials = await assumeRole(scene.lab)
  const at = new Date(Date.now() - ageMs)
  return answerOf(
    await sendSigned(scene.lab.url, handmade(scene), { credentials, region: scene.lab.region, at }),
  )
}

async function getPresigned(scene: Scene, ageMs: number): Promise<string> {
  await scene.s3.send(new PutObjectCommand({ Bucket: scene.Bucket, Key: scene.key, Body: 'x' }))
  const request = { method: 'GET', path: `/${scene.Bucket}/${scene.key}` }
  const signing = {
    credentials: await assumeRole(scene.lab),
    region: scene.lab.region,
    expiresSeconds: 60,
    at: new Date(Date.now() - ageMs),
  }
  return answerOf(await sendPresigned(scene.lab.url, request, signing))
}

function sessionPolicy(action: string, resource: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
  })
}

export const identityBehaviours: Record<string, Behaviour> = {
  'a role is assumed with its external ID': assuming('granted', {}),
  'a role is not assumed without an external ID': assuming('403 AccessDenied', { externalId: undefined }),
  'a role is not assumed with a wrong external ID': assuming('403 AccessDenied', {
    externalId: 'f'.repeat(32),
  }),
  "a role is not assumed with another customer's external ID": assuming('403 AccessDenied', (lab) => ({
    externalId: lab.otherExternalId,
  })),
  'a role is not assumed by somebody whom it does not trust': assuming('403 AccessDenied', (lab) => ({
    credentials: lab.intruder,
  })),
  'a role that does not exist is not told from one that does not trust': assuming(
    '403 AccessDenied',
    (lab) => ({
      role: `${lab.role}-that-is-not-there`,
    }),
  ),
  'a session name of one character is refused': assuming('400 ValidationError', { sessionName: 'x' }),
  'a session policy narrows the session to what it allows': {
    aws: '200, then 403 AccessDenied',
    act: async ({ lab, key, Bucket }) => {
      const policy = sessionPolicy('s3:PutObject', `arn:aws:s3:::${Bucket}/${key}/inside/*`)
      const s3 = s3Client(lab, await assumeRole(lab, { policy }))
      const put = (name: string) =>
        outcome(s3.send(new PutObjectCommand({ Bucket, Key: key + name, Body: 'x' })))
      return `${await put('/inside/x')}, then ${await put('/outside')}`
    },
  },
  'a session policy gives nothing that the role has not': putAs('403 AccessDenied', (lab) =>
    assumeRole(lab, { role: lab.roleWithoutWrite, policy: sessionPolicy('s3:*', '*') }),
  ),
  'a session policy may name actions on keys': assuming('granted', (lab) => ({
    policy: sessionPolicy('kms:Decrypt', lab.kmsKey),
  })),
  'a session policy that is no policy is refused': assuming('400 MalformedPolicyDocumentException', {
    policy: '{"Statement": 1}',
  }),
  'a session knows who it is': {
    aws: 'arn:aws:sts::222222222222:assumed-role/penstock-export/contract-suite',
    act: async ({ lab }) => {
      const credentials = await assumeRole(lab)
      const sts = new STSClient({ region: lab.region, endpoint: lab.url, credentials, maxAttempts: 1 })
      return outcome(sts.send(new GetCallerIdentityCommand({})), ({ Arn }) => Arn)
    },
  },
  'an unknown access key is refused': putAs('403 InvalidAccessKeyId', () =>
    Promise.resolve({ accessKeyId: 'AKIANOBODY0000000001', secretAccessKey: 'x' }),
  ),
  'another secret is refused': putAs('403 SignatureDoesNotMatch', async (lab) => ({
    ...(await assumeRole(lab)),
    secretAccessKey: 'another',
  })),
  'a session without its token is refused': putAs('403 InvalidAccessKeyId', async (lab) => {
    const { accessKeyId, secretAccessKey } = await assumeRole(lab)
    return { accessKeyId, secretAccessKey }
  }),
  'a session with a broken token is refused': putAs('400 InvalidToken', async (lab) => ({
    ...(await assumeRole(lab)),
    sessionToken: 'broken',
  })),
  'a request without a signature is denied': {
    aws: '403 AccessDenied',
    act: async (scene) => answerOf(await sendUnsigned(scene.lab.url, handmade(scene))),
  },
  'a request of 16 minutes ago is refused': {
    aws: '403 RequestTimeTooSkewed',
    act: (scene) => putAt(scene, 16 * 60_000),
  },
  'a request of 14 minutes ago is served': { aws: '200', act: (scene) => putAt(scene, 14 * 60_000) },
  'a presigned request is served': { aws: '200', act: (scene) => getPresigned(scene, 0) },
  'a presigned request is refused after its time': {
    aws: '403 AccessDenied',
    act: (scene) => getPresigned(scene, 61_000),
  },
  'a bucket of another region is told': {
    aws: '301 PermanentRedirect',
    act: async (scene) => {
      const credentials = await assumeRole(scene.lab)
      return answerOf(
        await sendSigned(scene.lab.url, handmade(scene), { credentials, region: 'eu-central-1' }),
      )
    },
  },
  'a bucket that is there is found': {
    aws: '200',
    act: ({ s3, Bucket }) => outcome(s3.send(new HeadBucketCommand({ Bucket }))),
  },
  'a bucket that does not exist is not found': {
    aws: '404 NoSuchBucket',
    act: ({ s3, key }) =>
      outcome(s3.send(new PutObjectCommand({ Bucket: 'no-such-bucket', Key: key, Body: 'x' }))),
  },
  "another customer's bucket is denied": {
    aws: '403 AccessDenied',
    act: ({ lab, s3 }) => outcome(s3.send(new ListObjectsV2Command({ Bucket: lab.otherBucket }))),
  },
  'a role that may not write does not write': putAs('403 AccessDenied', (lab) =>
    assumeRole(lab, { role: lab.roleWithoutWrite }),
  ),
  'a role that may not delete does not delete': {
    aws: '403 AccessDenied, then 200',
    act: async ({ lab, s3, key, Bucket }) => {
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: 'x' }))
      const other = s3Client(lab, await assumeRole(lab, { role: lab.roleWithoutDelete }))
      const denied = await outcome(other.send(new DeleteObjectCommand({ Bucket, Key: key })))
      return `${denied}, then ${await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: key })))}`
    },
  },
  'what was not granted is denied: the location of the bucket': {
    aws: '403 AccessDenied',
    act: ({ s3, Bucket }) => outcome(s3.send(new GetBucketLocationCommand({ Bucket }))),
  },
  'what was not granted is denied: the uploads under way': {
    aws: '403 AccessDenied',
    act: ({ s3, Bucket }) => outcome(s3.send(new ListMultipartUploadsCommand({ Bucket }))),
  },
  'a bucket that is expected to be of another account is not written to': {
    aws: '403 AccessDenied',
    act: ({ s3, key, Bucket }) =>
      outcome(
        s3.send(new PutObjectCommand({ Bucket, Key: key, Body: 'x', ExpectedBucketOwner: '999999999999' })),
      ),
  },
  'a bucket that is of the expected account is written to': {
    aws: '200',
    act: ({ s3, key, Bucket }) =>
      outcome(
        s3.send(new PutObjectCommand({ Bucket, Key: key, Body: 'x', ExpectedBucketOwner: '222222222222' })),
      ),
  },
}
