import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import {
  base,
  basic,
  fineRequest,
  type PipelineServer,
  startPipelineServer,
} from '../support/pipeline-server.ts'

let server: PipelineServer
let project: CreatedProject
let other: CreatedProject

beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
  project = await server.project()
  other = await server.project()
})
afterAll(() => server.close())

/** Whatever is refused leaves nothing behind. */
afterEach(async () => {
  const { rows } = await server.database.pool.query(
    'select (select count(*) from pipeline)::int as pipelines, (select count(*) from run)::int as runs',
  )
  expect(rows).toEqual([{ pipelines: 0, runs: 0 }])
  expect(server.nudged).toEqual([])
})

interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  url?: string
  headers?: Record<string, string>
  payload?: string | Buffer
}

async function send({ method = 'POST', url = 'create', headers = {}, payload }: Request) {
  const response = await server.app.inject({
    method,
    url: `${base}/${url}`,
    headers: { authorization: basic(`${project.apiSecret}:`), ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
  const json: { error: string; status: string } = response.json()
  expect(Object.keys(json).sort()).toEqual(['error', 'status'])
  expect(json.status).toBe('error')
  expect(json.error).not.toContain(project.apiSecret)
  return { status: response.statusCode, error: json.error, headers: response.headers }
}

const formType = { 'content-type': 'application/x-www-form-urlencoded' }
const jsonType = { 'content-type': 'application/json' }
const form = (changes: Record<string, string>) =>
  new URLSearchParams({ ...fineRequest, ...changes }).toString()

const tokenUser = () => basic(`${project.token}:`)

test.each<[string, () => string | undefined, number, string]>([
  ['no credentials', () => undefined, 401, 'API secret as Basic user name'],
  ['an unknown secret', () => basic(`${'0'.repeat(32)}:`), 401, 'not known'],
  ['a project token', tokenUser, 403, 'token may send events but not manage pipelines'],
  ['a secret in the place of the password', () => basic(`:${project.apiSecret}`), 401, 'not known'],
  ['an unknown service account', () => basic('export.1234.mp-service-account:secret'), 401, 'not known'],
  ['a bearer token', () => `Bearer ${project.apiSecret}`, 401, 'missing or unreadable'],
  ['no user name at all', () => basic(':'), 401, 'not known'],
  [
    'base64 that holds no colon',
    () => `Basic ${Buffer.from('export.1234.mp-service-account').toString('base64')}`,
    401,
    'unreadable',
  ],
  [
    'bytes that are no text',
    () => `Basic ${Buffer.from([0, 255, 254, 58]).toString('base64')}`,
    401,
    'not known',
  ],
  ['a secret in capitals', () => basic(`${project.apiSecret.toUpperCase()}X:`), 401, 'not known'],
  ['a secret of 10,000 letters', () => basic(`${'a'.repeat(10_000)}:`), 401, 'not known'],
  ['SQL', () => basic("' or '1'='1:"), 401, 'not known'],
])('credentials: %s', async (_name, authorization, status, sentence) => {
  const value = authorization()
  const headers = { ...formType, authorization: value ?? '' }
  const answer = await send({ headers, payload: form({}) })
  expect(answer).toMatchObject({ status })
  expect(answer.error).toContain(sentence)
  if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic /)
})

test.each<[string, Record<string, string>, string]>([
  [
    'another type',
    { type: 'gcs-raw', gcs_bucket: 'b' },
    'type "gcs-raw" is not supported; supported is s3-raw',
  ],
  ['a type that is none', { type: 's3' }, 'type "s3" must be s3-raw'],
  ['no type', { type: '' }, 'type is missing'],
  ['no from_date', { from_date: '' }, 'from_date is missing: it must be a date like 2024-01-31'],
  ['a day that is none', { from_date: '2024-02-30' }, 'from_date "2024-02-30" must be a date'],
  ['another form of date', { from_date: '02/20/2024' }, 'from_date "02/20/2024" must be a date'],
  ['a day too far back', { from_date: '2023-08-31' }, 'from_date 2023-08-31 must be 2023-09-01 or later'],
  ['a day years ahead', { from_date: '2099-01-01' }, 'from_date 2099-01-01 must be 2025-03-02 or earlier'],
  ['an end before the start', { to_date: '2024-02-19' }, 'to_date 2024-02-19 must not be before from_date'],
  [
    'a frequency with to_date',
    { to_date: '2024-02-25', frequency: 'daily' },
    'frequency goes only with an empty to_date',
  ],
  ['another frequency', { frequency: 'weekly' }, 'frequency "weekly" must be one of daily, hourly'],
  [
    'a misspelt name',
    { form_date: '2024-02-20', from_date: '' },
    '"form_date" is not a parameter of this call; did you mean from_date?',
  ],
  ['a name like none', { color: 'red' }, 'the parameters are type, project_id'],
  ['people', { data_source: 'people' }, 'data_source "people" must be events'],
  ['parquet', { data_format: 'parquet' }, 'data_format "parquet" must be json'],
  [
    'a where that is none',
    { where: 'properties["a"] = 1' },
    'where "properties[\\"a\\"] = 1" at column 17: expected an operator or a value, found =; write ==',
  ],
  ['a where that no event can meet', { where: '1 > 2' }, 'at column 3: no event can meet this'],
  ['a where of a user without a name', { where: 'user == 1' }, 'at column 6: expected [ after user'],
  ['a where of endless depth', { where: '('.repeat(10_000) }, 'at most 100 levels'],
  ['an endless where', { where: 'true or '.repeat(4097) }, 'where must be at most 32768 characters long'],
  ['trial=yes', { trial: 'yes' }, 'trial "yes" must be one of true, false'],
  ['an hourly trial', { trial: 'true', frequency: 'hourly' }, 'frequency must be daily with trial=true'],
  ['a trial with an end', { trial: 'true', to_date: '2024-03-05' }, 'to_date does not go with trial=true'],
  ['a trial of one event', { trial: 'true', events: 'a' }, 'events does not go with trial=true'],
  ['a trial with where', { trial: 'true', where: 'true' }, 'where does not go with trial=true'],
  [
    'a trial from last month',
    { trial: 'true', from_date: '2024-02-01' },
    'must be 2024-02-29 or later: a trial goes one day back',
  ],
  ['sync=1', { sync: '1' }, 'sync "1" must be one of true, false'],
  ['an event name of 256 letters', { events: 'e'.repeat(256) }, 'must be at most 255 characters'],
  [
    'NUL in an event name',
    { events: 'a\0b' },
    '"events" must be valid Unicode text without the character U+0000',
  ],
  [
    'a project_id that is no number',
    { project_id: 'abc' },
    'project_id "abc" must be one positive whole number',
  ],
  ['a bucket in capitals', { s3_bucket: 'Acme' }, 's3_bucket "Acme" must be a bucket name'],
  ['a bucket of two letters', { s3_bucket: 'ab' }, 'must be a bucket name'],
  ['a bucket with dots in a row', { s3_bucket: 'a..b' }, 'no two dots in a row'],
  ['a bucket like an IP address', { s3_bucket: '192.168.5.4' }, 'not in the form of an IP address'],
  ['a bucket with a reserved beginning', { s3_bucket: 'xn--bucket' }, 'must not begin with xn--'],
  ['a bucket with a reserved end', { s3_bucket: 'bucket-s3alias' }, 'must not end with -s3alias'],
  ['a bucket as a URL', { s3_bucket: 's3://acme-raw' }, 'must be a bucket name'],
  ['no bucket', { s3_bucket: '' }, 's3_bucket is missing'],
  ['a misspelt region', { s3_region: 'us-wset-2' }, 'did you mean us-west-2?'],
  ['a region in capitals', { s3_region: 'US-WEST-2' }, 's3_region "US-WEST-2" must be an AWS region'],
  ['no region', { s3_region: '' }, 's3_region is missing'],
  ['a user for a role', { s3_role: 'arn:aws:iam::222222222222:user/x' }, 'must be the ARN of an IAM role'],
  [
    'an account of eleven digits',
    { s3_role: 'arn:aws:iam::22222222222:role/x' },
    'must be the ARN of an IAM role',
  ],
  [
    'a role of China in Oregon',
    { s3_role: 'arn:aws-cn:iam::222222222222:role/x' },
    'must begin with arn:aws: to fit s3_region us-west-2',
  ],
  [
    'a role of Oregon in Beijing',
    { s3_region: 'cn-north-1' },
    'must begin with arn:aws-cn: to fit s3_region cn-north-1',
  ],
  ['a role of Oregon in GovCloud', { s3_region: 'us-gov-west-1' }, 'must begin with arn:aws-us-gov:'],
  ['a prefix with ..', { s3_prefix: 'a/../b' }, 'must not contain . or ..'],
  ['a prefix from the root', { s3_prefix: '/a' }, 'must not begin with a slash'],
  ['a prefix with an empty part', { s3_prefix: 'a//b' }, 'two slashes in a row'],
  ['a prefix with a line break', { s3_prefix: 'a\nb' }, 'must not contain control characters'],
  ['a prefix of a thousand letters', { s3_prefix: 'p'.repeat(1000) }, 'must be at most 800 bytes long'],
  ['another encryption', { s3_encryption: 'AES256' }, 's3_encryption "AES256" must be one of none, aes, kms'],
  [
    'a key without kms',
    { s3_kms_key_id: '1234abcd-12ab-34cd-56ef-1234567890ab' },
    'goes only with s3_encryption=kms',
  ],
  ['a key that is none', { s3_encryption: 'kms', s3_kms_key_id: 'mykey' }, 'must be the ARN of a KMS key'],
  ['a bare alias', { s3_encryption: 'kms', s3_kms_key_id: 'alias/mine' }, 'the ARN of an alias'],
  [
    'a key of another region',
    {
      s3_encryption: 'kms',
      s3_kms_key_id: 'arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    },
    'is a key in eu-west-1; it must be in s3_region, us-west-2',
  ],
])('parameters: %s', async (_name, changes, sentence) => {
  const answer = await send({ headers: formType, payload: form(changes) })
  expect(answer.error).toContain(sentence)
  expect(answer.status).toBe(400)
})

test('parameters: one given twice', async () => {
  const answer = await send({ headers: formType, payload: `${form({})}&from_date=2024-02-21` })
  expect(answer).toMatchObject({ status: 400, error: 'from_date was given 2 times; give it once' })
})

test('parameters: more events than anybody has', async () => {
  const events = Array.from({ length: 1001 }, (_, index) => `events=${index}`).join('&')
  expect(await send({ headers: formType, payload: `${form({})}&${events}` })).toMatchObject({
    status: 400,
    error: 'events may name at most 1000 events',
  })
})

test.each<[string, string, string]>([
  ['status without a name', 'status', 'name is missing'],
  ['a state that is none', 'status?name=a&status=done', 'status "done" must be one of pending, running'],
  ['summary=1', 'status?name=a&summary=1', 'summary "1" must be true or false'],
  ['a parameter that jobs does not have', 'jobs?name=a', '"name" is not a parameter of this call'],
  ['a query that is no UTF-8', 'jobs?project_id=%FF', 'the query must be percent-encoded UTF-8'],
])('parameters of a GET: %s', async (_name, url, sentence) => {
  const answer = await send({ method: 'GET', url })
  expect(answer.error).toContain(sentence)
  expect(answer.status).toBe(400)
})

test.each<[string, Request, number, string]>([
  ['no body', {}, 400, 'type is missing'],
  ['broken JSON', { headers: jsonType, payload: '{"type": "s3-raw"' }, 400, 'not valid JSON'],
  ['an empty JSON body', { headers: jsonType, payload: '' }, 400, ''],
  ['a JSON list', { headers: jsonType, payload: '[]' }, 400, 'must be a JSON object'],
  [
    'JSON within JSON',
    { headers: jsonType, payload: '{"s3_bucket": {"a": 1}}' },
    400,
    '"s3_bucket" must be a text',
  ],
  [
    'a list within a list',
    { headers: jsonType, payload: '{"events": [["a"]]}' },
    400,
    '"events" must be a text',
  ],
  ['100,000 brackets', { headers: jsonType, payload: '['.repeat(60_000) }, 400, 'not valid JSON'],
  [
    '__proto__',
    { headers: jsonType, payload: '{"type":"s3-raw","__proto__":"x"}' },
    400,
    '"__proto__" is not a parameter',
  ],
  ['half a surrogate', { headers: jsonType, payload: '{"events":"\\ud800"}' }, 400, 'valid Unicode'],
  ['a form that is no UTF-8', { headers: formType, payload: 'type=%C3%28' }, 400, 'percent-encoded UTF-8'],
  ['a lone percent sign', { headers: formType, payload: 'type=100%' }, 400, 'percent-encoded UTF-8'],
  [
    'bytes that are no UTF-8',
    { headers: jsonType, payload: Buffer.from([123, 255, 125]) },
    400,
    'encoded as UTF-8',
  ],
  [
    'more than 64 KiB',
    { headers: formType, payload: `events=${'a'.repeat(70_000)}` },
    413,
    'at most 65536 bytes',
  ],
  [
    'XML',
    { headers: { 'content-type': 'text/xml' }, payload: '<a/>' },
    415,
    'application/x-www-form-urlencoded or',
  ],
  [
    'a multipart form',
    { headers: { 'content-type': 'multipart/form-data; boundary=x' }, payload: '--x--' },
    415,
    'content type',
  ],
  ['no content type', { payload: 'type=s3-raw' }, 415, 'content type'],
  [
    'gzip',
    { headers: { ...formType, 'content-encoding': 'gzip' }, payload: Buffer.from([31, 139]) },
    415,
    'must not be compressed',
  ],
  ['GET of create', { method: 'GET' }, 405, 'create must be sent with POST'],
  ['PUT of jobs', { method: 'PUT', url: 'jobs' }, 405, 'jobs must be sent with GET or POST'],
  ['DELETE of cancel', { method: 'DELETE', url: 'cancel' }, 405, 'cancel must be sent with POST'],
  ['a call that is none', { url: 'destroy' }, 404, 'there is no such call; the calls are create'],
  ['a call below a call', { url: 'create/now' }, 404, 'there is no such call'],
])('bodies and calls: %s', async (_name, request, status, sentence) => {
  const answer = await send(request)
  expect(answer.error).toContain(sentence)
  expect(answer.status).toBe(status)
})

test('HEAD of jobs answers as GET does, without a body', async () => {
  const headers = { authorization: basic(`${project.apiSecret}:`) }
  const response = await server.app.inject({ method: 'HEAD', url: `${base}/jobs`, headers })
  expect(response.statusCode).toBe(200)
  expect(response.body).toBe('')
})

test("another project's id is answered like one that does not exist", async () => {
  const ask = (id: number) => send({ method: 'GET', url: `jobs?project_id=${id}` })
  const answers = [await ask(other.projectId), await ask(999_999)]
  expect(answers.map((answer) => answer.status)).toEqual([403, 403])
  expect(answers.map((answer) => answer.error.replace(/\d+/, 'N'))).toEqual([
    'the credential is not allowed for project N',
    'the credential is not allowed for project N',
  ])
})
