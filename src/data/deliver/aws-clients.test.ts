import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterEach, expect, test, vi } from 'vitest'
import { createS3Client, createStsClient } from './aws-clients.ts'

const credentials = async () => ({ accessKeyId: 'AKIA0000000000000000', secretAccessKey: 'x' })
const options = {
  region: 'us-west-2',
  // Stands for one that the SDK has from its configuration file: nobody has looked at it before the first request.
  endpoint: 'http://penstock.invalid',
  allowPlainHttp: false,
  connectTimeoutMs: 1000,
  idleTimeoutMs: 1000,
}

afterEach(() => vi.unstubAllEnvs())

test('no request leaves without TLS, wherever the endpoint came from', async () => {
  const refused = { code: 'DESTINATION_ENDPOINT_NOT_TLS' }
  const s3 = createS3Client({ ...options, pathStyle: true }, credentials)
  await expect(s3.send(new ListObjectsV2Command({ Bucket: 'acme' }))).rejects.toMatchObject(refused)
  const sts = createStsClient(options, credentials)
  const command = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::1:role/x', RoleSessionName: 'xx' })
  await expect(sts.send(command)).rejects.toMatchObject(refused)
})

test('STS is asked in the region of the bucket', async () => {
  // A lab's endpoints may be set around this test.
  vi.stubEnv('AWS_ENDPOINT_URL', undefined)
  vi.stubEnv('AWS_ENDPOINT_URL_STS', undefined)
  const hosts: string[] = []
  for (const region of ['eu-west-1', 'cn-north-1', 'us-gov-west-1']) {
    const sts = createStsClient({ ...options, endpoint: undefined, region }, credentials)
    sts.middlewareStack.add(
      () => async (args) => {
        hosts.push((args.request as { hostname: string }).hostname)
        throw new Error('far enough')
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    const command = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::1:role/x', RoleSessionName: 'xx' })
    await expect(sts.send(command)).rejects.toThrow('far enough')
  }
  expect(hosts).toEqual([
    'sts.eu-west-1.amazonaws.com',
    'sts.cn-north-1.amazonaws.com.cn',
    'sts.us-gov-west-1.amazonaws.com',
  ])
})
