import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acme, acmeOwner, bucketPolicy, exporter, sandboxWorld } from '../../test/support/sandbox-world.ts'
import { type Credentials, sendSigned, sendUnsigned } from '../../test/support/signed-request.ts'
import { type Sandbox, startSandbox } from '../main.ts'

const account = '222222222222'
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`
const nobody = {
  arn: 'arn:aws:iam::111111111111:user/nobody',
  accessKeyId: 'AKIANOBODY0000000001',
  secretAccessKey: 'n',
}
const allow = (principal: unknown, rest: object = {}) => ({
  Statement: { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...rest },
})
const ask = { RoleArn: acme.role, RoleSessionName: 'project-1', ExternalId: acme.externalId }
let sandbox: Sandbox

beforeAll(async () => {
  const world = sandboxWorld()
  const notAllowed = { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }
  const users = [
    ...world.users,
    { arn: nobody.arn, access_key_id: nobody.accessKeyId, secret_access_key: 'n', policies: [notAllowed] },
  ]
  const extraRoles = {
    'trusts-account': allow({ AWS: '111111111111' }),
    'trusts-root': allow({ AWS: 'arn:aws:iam::111111111111:root' }),
    'trusts-all': allow('*'),
    'trusts-all-with-id': allow('*', { Condition: { StringLike: { 'sts:ExternalId': ['team-*'] } } }),
    'trusts-owner': allow({ AWS: acmeOwner.arn }),
    'trusts-role': allow({ AWS: acme.role }),
    'path/and-name': allow({ AWS: exporter.arn }),
    'denies-without-id': {
      Statement: [
        allow({ AWS: exporter.arn }).Statement,
        { ...allow('*', { Condition: { Null: { 'sts:ExternalId': 'true' } } }).Statement, Effect: 'Deny' },
      ],
    },
  }
  const roles = [
    ...world.roles,
    ...Object.entries(extraRoles).map(([name, trust_policy]) => ({
      arn: roleArn(name),
      trust_policy,
      policies: [],
    })),
    { arn: roleArn('short'), trust_policy: allow({ AWS: exporter.arn }), max_session_seconds: 60 },
    { arn: roleArn('long'), trust_policy: allow({ AWS: exporter.arn }), max_session_seconds: 43_200 },
  ]
  sandbox = await startSandbox({ world: { ...world, users, roles, min_session_seconds: 30 } })
})
afterAll(() => sandbox.close())

function post(parameters: Record<string, string>, credentials: Credentials = exporter) {
  const body = new URLSearchParams({ Version: '2011-06-15', Action: 'AssumeRole', ...parameters }).toString()
  const signing = { credentials, region: 'us-west-2', service: 'sts' as const }
  return sendSigned(sandbox.url, { method: 'POST', path: '/', body }, signing)
}

const field = (text: string, name: string) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1]

async function sessionOf(parameters: Record<string, string>, credentials: Credentials = exporter) {
  const { text } = await post(parameters, credentials)
  return {
    accessKeyId: field(text, 'AccessKeyId') ?? '',
    secretAccessKey: field(text, 'SecretAccessKey') ?? '',
    sessionToken: field(text, 'SessionToken') ?? '',
  }
}

describe('AssumeRole', () => {
  test('answers with credentials and the session that they are of', async () => {
    const { status, text } = await post({ ...ask, DurationSeconds: '900' })
    expect(status).toBe(200)
    expect(field(text, 'Arn')).toBe(`arn:aws:sts::${account}:assumed-role/penstock-export/project-1`)
    expect(field(text, 'AccessKeyId')).toMatch(/^ASIA[0-9A-F]{16}$/)
    expect(field(text, 'Expiration')).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
  })

  test('is answered to a GET with a signed query too', async () => {
    const query = Object.entries({ Action: 'AssumeRole', Version: '2011-06-15', ...ask })
    const signing = { credentials: exporter, region: 'us-west-2', service: 'sts' as const }
    expect((await sendSigned(sandbox.url, { method: 'GET', path: '/', query }, signing)).status).toBe(200)
  })

  test('leaves the path of a role out of the session', async () => {
    const { text } = await post({ ...ask, RoleArn: roleArn('path/and-name') })
    expect(field(text, 'Arn')).toBe(`arn:aws:sts::${account}:assumed-role/and-name/project-1`)
  })

  test('refuses as AWS does, in its XML', async () => {
    const answer = await post({ ...ask, ExternalId: 'another' })
    expect(answer.status).toBe(403)
    expect(answer.text).toMatch(
      /^<\?xml.*\n<ErrorResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/">/,
    )
    expect(field(answer.text, 'Type')).toBe('Sender')
    expect(field(answer.text, 'Message')).toBe(
      `User: ${exporter.arn} is not authorized to perform: sts:AssumeRole on resource: ${acme.role}`,
    )
    expect(field(answer.text, 'RequestId')).toBe(answer.headers['x-amzn-requestid'])
  })

  const without = (name: string) => Object.fromEntries(Object.entries(ask).filter(([key]) => key !== name))
  test.each<[string, Record<string, string>, Credentials, number]>([
    ['no external ID', without('ExternalId'), exporter, 403],
    ['the external ID of another', { ...ask, ExternalId: 'f'.repeat(32) }, exporter, 403],
    ['a role that does not exist', { ...ask, RoleArn: roleArn('nobody') }, exporter, 403],
    ['a caller whom the role does not name', { ...ask, RoleArn: roleArn('trusts-owner') }, exporter, 403],
    [
      'a caller whom the role names, in its own account',
      { ...ask, RoleArn: roleArn('trusts-owner') },
      acmeOwner,
      200,
    ],
    ['a role that trusts an account id', { ...ask, RoleArn: roleArn('trusts-account') }, exporter, 200],
    ['a role that trusts an account root', { ...ask, RoleArn: roleArn('trusts-root') }, exporter, 200],
    [
      'the same, and a caller who may not assume roles',
      { ...ask, RoleArn: roleArn('trusts-root') },
      nobody,
      403,
    ],
    [
      'a role that trusts everybody',
      { ...without('ExternalId'), RoleArn: roleArn('trusts-all') },
      exporter,
      200,
    ],
    [
      'a pattern of external IDs that fits',
      { ...ask, RoleArn: roleArn('trusts-all-with-id'), ExternalId: 'team-7' },
      exporter,
      200,
    ],
    [
      'a pattern of external IDs that does not',
      { ...ask, RoleArn: roleArn('trusts-all-with-id') },
      exporter,
      403,
    ],
    [
      'a Deny without an external ID, and one',
      { ...ask, RoleArn: roleArn('denies-without-id') },
      exporter,
      200,
    ],
    [
      'a Deny without an external ID, and none',
      { ...without('ExternalId'), RoleArn: roleArn('denies-without-id') },
      exporter,
      403,
    ],
  ])('with %s', async (_, parameters, credentials, status) => {
    const answer = await post(parameters, credentials)
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.code).toBe('AccessDenied')
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['a session name of one character', { RoleSessionName: 'x' }, /length greater than or equal to 2/],
    [
      'a session name of 65 characters',
      { RoleSessionName: 'x'.repeat(65) },
      /length less than or equal to 64/,
    ],
    ['a session name with a space', { RoleSessionName: 'a b' }, /regular expression pattern/],
    ['an external ID of one character', { ExternalId: 'x' }, /length greater than or equal to 2/],
    ['an external ID with a space', { ExternalId: 'a b' }, /regular expression pattern/],
    ['a role that is no ARN', { RoleArn: 'export' }, /export is invalid/],
    ['a shorter session than can be', { DurationSeconds: '29' }, /greater than or equal to 30/],
    ['a longer session than the role allows', { DurationSeconds: '3601' }, /exceeds the MaxSessionDuration/],
    ['a longer session than can be', { DurationSeconds: '43201' }, /less than or equal to 43200/],
    [
      'a parameter that the sandbox does not have',
      { 'Tags.member.1.Key': 'k' },
      /does not support the parameter/,
    ],
  ])('refuses %s', async (_, change, message) => {
    const answer = await post({ ...ask, ...change })
    expect(answer).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(field(answer.text, 'Message')).toMatch(message)
  })

  test('lasts as long as the role allows where no duration is asked for', async () => {
    const before = Date.now()
    const { text } = await post({ ...ask, RoleArn: roleArn('short') })
    const expiration = Date.parse(field(text, 'Expiration') ?? '')
    expect(expiration).toBeGreaterThanOrEqual(before + 59_000)
    expect(expiration).toBeLessThanOrEqual(Date.now() + 60_000)
  })

  test('from a role to a role lasts an hour at most', async () => {
    const first = await sessionOf({ ...ask, RoleArn: roleArn('trusts-account') })
    const chained = await post({ ...ask, RoleArn: roleArn('trusts-role') }, await sessionOf(ask))
    // The role that is trusted holds S3 actions only, and its own account's trust is enough.
    expect(chained.status).toBe(200)
    expect((await post({ ...ask, RoleArn: roleArn('trusts-owner') }, first)).status).toBe(403)
  })
})

describe('a session policy', () => {
  const narrowed = (policy: object | string) => ({
    ...ask,
    Policy: typeof policy === 'string' ? policy : JSON.stringify(policy),
  })
  const s3 = { region: acme.region }
  const get = { method: 'GET', path: `/${acme.bucket}/missing` }

  test('narrows what the role may', async () => {
    const whole = await sessionOf(narrowed(bucketPolicy(acme.bucket)))
    const less = await sessionOf(narrowed(bucketPolicy(acme.bucket, ['s3:GetObject'])))
    expect((await sendSigned(sandbox.url, get, { ...s3, credentials: whole })).code).toBe('NoSuchKey')
    const denied = await sendSigned(sandbox.url, get, { ...s3, credentials: less })
    expect(denied).toMatchObject({ status: 403, code: 'AccessDenied' })
    expect(denied.text).toContain('because no session policy allows the s3:GetObject action')
  })

  test.each([
    ['is not JSON', '{'],
    ['is not a policy', { Statement: [{ Effect: 'Maybe' }] }],
    ['names a principal', { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } }],
  ])('that %s is refused', async (_, policy) => {
    expect(await post(narrowed(policy))).toMatchObject({ status: 400, code: 'MalformedPolicyDocument' })
  })

  test('of more than 2,048 characters is refused', async () => {
    expect(await post(narrowed(' '.repeat(2049)))).toMatchObject({ status: 400, code: 'ValidationError' })
  })
})

describe('STS', () => {
  test('tells a caller who it is', async () => {
    const { text } = await post({ Action: 'GetCallerIdentity' })
    expect(field(text, 'Arn')).toBe(exporter.arn)
    expect(field(text, 'Account')).toBe('111111111111')
    const session = await post({ Action: 'GetCallerIdentity' }, await sessionOf(ask))
    expect(field(session.text, 'Arn')).toBe(`arn:aws:sts::${account}:assumed-role/penstock-export/project-1`)
  })

  test.each<[string, Credentials, string]>([
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWN000000001', secretAccessKey: 'x' }, 'InvalidClientTokenId'],
    ['another secret', { ...exporter, secretAccessKey: 'x' }, 'SignatureDoesNotMatch'],
    ['a token that is none', { ...exporter, sessionToken: 'x' }, 'InvalidClientTokenId'],
  ])('refuses %s', async (_, credentials, code) => {
    expect(await post(ask, credentials)).toMatchObject({ status: 403, code })
  })

  test('refuses an action that it does not have, and a request without a signature', async () => {
    expect(await post({ Action: 'GetSessionToken' })).toMatchObject({ status: 400, code: 'InvalidAction' })
    const unsigned = await sendUnsigned(sandbox.url, {
      method: 'POST',
      path: '/',
      body: 'Action=GetCallerIdentity',
    })
    expect(unsigned).toMatchObject({ status: 403, code: 'MissingAuthenticationToken' })
  })
})
