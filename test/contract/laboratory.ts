/** The places that the contract suite runs in: the sandbox always, a Ceph gateway where one is set up. */
import { Agent } from 'node:http'
import { S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { startSandbox } from '../../sandbox/main.ts'
import type { Credentials } from '../support/signed-request.ts'

export interface Laboratory {
  readonly name: 'sandbox' | 'ceph'
  readonly url: string
  readonly region: string
  readonly exporter: Credentials
  /** Somebody whom no role trusts. */
  readonly intruder: Credentials
  readonly bucket: string
  readonly role: string
  readonly roleWithoutDelete: string
  readonly roleWithoutWrite: string
  readonly externalId: string
  readonly kmsKey: string
  readonly otherBucket: string
  readonly otherExternalId: string
  close(): Promise<void>
}

const account = '222222222222'
const otherAccount = '333333333333'
const exporterArn = 'arn:aws:iam::111111111111:user/penstock-export'

/** A sandbox with the same accounts, roles and buckets that the gateway's own scripts make. */
export async function startSandboxLaboratory(): Promise<Laboratory> {
  const lab = {
    name: 'sandbox' as const,
    region: 'us-east-1',
    exporter: { accessKeyId: 'AKIAPENSTOCKEXPORT01', secretAccessKey: 'penstock-export-secret-0001' },
    intruder: { accessKeyId: 'AKIAINTRUDER00000001', secretAccessKey: 'intruder-secret-0001' },
    bucket: 'acme-events',
    role: `arn:aws:iam::${account}:role/penstock-export`,
    roleWithoutDelete: `arn:aws:iam::${account}:role/penstock-no-delete`,
    roleWithoutWrite: `arn:aws:iam::${account}:role/penstock-no-write`,
    externalId: '0123456789abcdef0123456789abcdef',
    kmsKey: `arn:aws:kms:us-east-1:${account}:key/11111111-2222-3333-4444-555555555555`,
    otherBucket: 'globex-events',
    otherExternalId: 'fedcba9876543210fedcba9876543210',
  }
  const sandbox = await startSandbox({ world: worldOf(lab) })
  return { ...lab, url: sandbox.url, close: () => sandbox.close() }
}

/** The Ceph gateway that the environment describes, or null. */
export function findCephLaboratory(environment: NodeJS.ProcessEnv): Laboratory | null {
  if (!environment.RGW_LAB_ACME_BUCKET) return null
  const read = (name: string) => {
    const value = environment[name]
    if (value === undefined) throw new Error(`RGW_LAB_ACME_BUCKET is set, but ${name} is not`)
    return value
  }
  const [accessKeyId = '', secretAccessKey = ''] = read('RGW_LAB_INTRUDER').split(':')
  return {
    name: 'ceph',
    url: read('AWS_ENDPOINT_URL_S3'),
    region: read('AWS_REGION'),
    exporter: { accessKeyId: read('AWS_ACCESS_KEY_ID'), secretAccessKey: read('AWS_SECRET_ACCESS_KEY') },
    intruder: { accessKeyId, secretAccessKey },
    bucket: read('RGW_LAB_ACME_BUCKET'),
    role: read('RGW_LAB_ACME_ROLE'),
    roleWithoutDelete: read('RGW_LAB_ACME_ROLE_NO_DELETE'),
    roleWithoutWrite: read('RGW_LAB_ACME_ROLE_NO_WRITE'),
    externalId: read('RGW_LAB_ACME_EXTERNAL_ID'),
    kmsKey: read('RGW_LAB_ACME_KMS_KEY'),
    otherBucket: read('RGW_LAB_GLOBEX_BUCKET'),
    otherExternalId: read('RGW_LAB_GLOBEX_EXTERNAL_ID'),
    close: () => Promise.resolve(),
  }
}

export interface RoleRequest {
  readonly credentials?: Credentials
  readonly role?: string
  readonly externalId?: string | undefined
  readonly sessionName?: string
  readonly seconds?: number
  /** The session policy, as it is sent. */
  readonly policy?: string
}

/** Asks for a session of a role; the right way, but for what is given. */
export async function assumeRole(lab: Laboratory, request: RoleRequest = {}): Promise<Credentials> {
  const credentials = request.credentials ?? lab.exporter
  const sts = new STSClient({ region: lab.region, endpoint: lab.url, credentials, maxAttempts: 1 })
  const externalId = 'externalId' in request ? request.externalId : lab.externalId
  const answer = await sts.send(
    new AssumeRoleCommand({
      RoleArn: request.role ?? lab.role,
      RoleSessionName: request.sessionName ?? 'contract-suite',
      ...(externalId !== undefined && { ExternalId: externalId }),
      ...(request.seconds !== undefined && { DurationSeconds: request.seconds }),
      ...(request.policy !== undefined && { Policy: request.policy }),
    }),
  )
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {}
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

export function s3Client(lab: Laboratory, credentials: Credentials): S3Client {
  return new S3Client({
    region: lab.region,
    endpoint: lab.url,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
    // A gateway may close a kept connection just as it is used again.
    requestHandler: { httpAgent: new Agent({ keepAlive: false }) },
  })
}

interface SandboxLaboratory extends Omit<Laboratory, 'url' | 'close'> {}

function worldOf(lab: SandboxLaboratory) {
  const user = (name: string, { accessKeyId, secretAccessKey }: Credentials) => ({
    arn: `arn:aws:iam::111111111111:user/${name}`,
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
  })
  const write = ['PutObject', 'GetObject', 'DeleteObject', 'AbortMultipartUpload', 'ListMultipartUploadParts']
  return {
    users: [user('penstock-export', lab.exporter), user('intruder', lab.intruder)],
    roles: [
      role(lab.role, lab, write),
      role(
        lab.roleWithoutDelete,
        lab,
        write.filter((action) => action !== 'DeleteObject'),
      ),
      role(lab.roleWithoutWrite, lab, ['GetObject']),
    ],
    buckets: [
      { name: lab.bucket, account, region: lab.region },
      { name: lab.otherBucket, account: otherAccount, region: lab.region },
    ],
    keys: [{ arn: lab.kmsKey }],
  }
}

function role(arn: string, lab: SandboxLaboratory, actions: readonly string[]) {
  const allow = (action: string | string[], resource: string) => ({
    Effect: 'Allow',
    Action: action,
    Resource: resource,
  })
  return {
    arn,
    trust_policy: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: exporterArn },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': lab.externalId } },
      },
    },
    policies: [
      {
        Version: '2012-10-17',
        Statement: [
          allow(
            actions.map((action) => `s3:${action}`),
            `arn:aws:s3:::${lab.bucket}/*`,
          ),
          allow('s3:ListBucket', `arn:aws:s3:::${lab.bucket}`),
          allow(['kms:GenerateDataKey', 'kms:Decrypt'], lab.kmsKey),
        ],
      },
    ],
  }
}
