/**
 * The requests that the reference shows, as it shows them, and those that public clients send, as their sources build
 * them: each is answered in the documented shape.
 *
 * The server's clock stands in the month of the reference's own examples.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { createAccount, grantRole } from '../../src/control/accounts/manage-accounts.ts'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import {
  createAnswer,
  doneAnswer,
  editAnswer,
  errorAnswer,
  jobsAnswer,
  statusCounts,
  statusRuns,
  timelineAnswer,
} from '../../src/http/contract/pipeline-answers.ts'
import { base, basic, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

let server: PipelineServer
let project: CreatedProject
let account: string
beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2019-08-20T21:00:00Z'))
  project = await server.project('US/Pacific')
  const { username, secret } = await createAccount(server.database.db, 'client')
  await grantRole(server.database.db, 'client', { projectId: project.projectId, role: 'admin' })
  account = `${username}:${secret}`
})
afterAll(() => server.close())

interface Sent {
  method: 'GET' | 'POST'
  /** Behind the API's own path. */
  path: string
  form?: [name: string, value: string][]
  credentials: string
}

async function expectAnswer(sent: Sent, status: number, shape: z.ZodType): Promise<void> {
  const response = await server.app.inject({
    method: sent.method,
    url: `${base}/${sent.path}`,
    headers: {
      authorization: basic(sent.credentials),
      ...(sent.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(sent.form === undefined ? {} : { payload: new URLSearchParams(sent.form).toString() }),
  })
  expect(`${response.statusCode} ${response.body}`).toMatch(new RegExp(`^${status} `))
  expect(shape.safeParse(response.json()).error).toBeUndefined()
}

/** As a shell and curl would send it: with `-d` by POST, as a form. */
function curl(command: string): Sent {
  const path = /nessie\/pipeline\/(\S+)/.exec(command)?.[1] ?? ''
  const form = [...command.matchAll(/(?:-d|--data) (\w+)="?([^"\n\\]*)"?/g)].map(
    ([, name = '', value = '']): [string, string] => [name, value.replace('<account-id>', '222222222222')],
  )
  return {
    method: form.length === 0 ? 'GET' : 'POST',
    path,
    ...(form.length === 0 ? {} : { form }),
    credentials: `${project.apiSecret}:`,
  }
}

const api = 'curl https://data.mixpanel.com/api/2.0/nessie/pipeline'

// In the order in which somebody would send them; YOUR_PIPELINE_NAME is what create answers.
test.each<[source: string, command: string, status: number, shape: z.ZodType]>([
  [
    'AWS S3 raw pipeline, "Use The Data Pipelines API"',
    `${api}/create \\
-u API_SECRET: \\
-d type="s3-raw" \\
-d from_date="2019-08-10" \\
-d s3_bucket="example-s3-export" \\
-d s3_region="us-west-2" \\
-d s3_prefix="test" \\
-d s3_role="arn:aws:iam::<account-id>:role/example-s3-role" \\
-d s3_encryption="aes" \\`,
    200,
    createAnswer,
  ],
  ['Get a list of scheduled pipelines', `${api}/jobs \\\n-u API_SECRET:`, 200, jobsAnswer],
  [
    'Status with summary',
    `${api}/status \\\n-u API_SECRET: \\\n-d name="events-daily-s3-raw" \\\n-d summary="true"`,
    200,
    statusCounts,
  ],
  [
    'Status with no summary and a filter',
    `${api}/status \\\n-u API_SECRET: \\\n-d name="events-daily-s3-raw" \\\n-d status="running"`,
    200,
    statusRuns,
  ],
  [
    'Get a timeline of all previous syncs',
    `${api}/timeline \\\n-u API_SECRET: \\\n-d name="events-daily-s3-raw"`,
    200,
    timelineAnswer,
  ],
  [
    'Cancel a pipeline',
    `${api}/cancel \\\n-u API_SECRET: \\\n-d name="events-daily-s3-raw"`,
    200,
    doneAnswer,
  ],
  [
    'AWS Glue, trial: a type that is not supported',
    `${api}/create \\
-u API_SECRET: \\
-d type="aws" \\
-d trial=true \\
-d s3_bucket="example-s3-bucket" \\
-d s3_region="us-east-1" \\
-d s3_prefix="example_custom_prefix" \\
-d s3_role="arn:aws:iam::<account-id>:role/example-s3-role" \\
-d use_glue=true \\
-d glue_database="example-glue-db" \\
-d events="Page View" \\
-d events="Item Purchase"`,
    400,
    errorAnswer,
  ],
  [
    'Azure raw: a type that is not supported',
    `${api}/create \\
-u API-SECRET: \\
--data type="azure-raw" \\
--data from_date="2021-02-02" \\
--data storage_account="test-storage-account" \\
--data container_name="test-container-name" \\
--data client_id="test-client-id" \\
--data client_secret="test-secret" \\
--data tenant_id="test-tenant-id"`,
    400,
    errorAnswer,
  ],
  [
    'GCS schema: a type that is not supported',
    `${api}/create \\
-u API_SECRET: \\
-d type="gcs-schema" \\
-d from_date="2019-08-10" \\
-d gcs_bucket="example-gcs-export" \\
-d gcs_prefix="dwe" \\
-d schema_type="multischema" \\
-d gcs_region="us-east-2"`,
    400,
    errorAnswer,
  ],
])('the reference: %s', async (_source, command, status, shape) => {
  await expectAnswer(curl(command), status, shape)
})

const destination: [string, string][] = [
  ['s3_bucket', 'example-s3-export'],
  ['s3_region', 'us-west-2'],
  ['s3_role', 'arn:aws:iam::222222222222:role/example-s3-role'],
]
const id = () => String(project.projectId)
const pipeline = 'events-daily-s3-raw'

// Query and form are built as the named source builds them, for the type that is served here.
test.each<[source: string, sent: () => Omit<Sent, 'credentials'>, status: number, shape: z.ZodType]>([
  [
    'Prismatic connector (TypeScript, axios), actions/createGCSPipeline: URLSearchParams as a form',
    () => ({
      method: 'POST',
      path: 'create',
      form: [
        ['data_format', 'json'],
        ['data_source', 'events'],
        ['type', 's3-raw'],
        ['project_id', id()],
        ['from_date', '2019-08-10'],
        ['trial', 'false'],
        ['frequency', 'daily'],
        ['events', 'Page View'],
        ['where', 'properties["plan"] == "company"'],
        ...destination,
      ],
    }),
    200,
    createAnswer,
  ],
  [
    'Prismatic connector, dataSources/pipelines: project_id in the query',
    () => ({ method: 'GET', path: `jobs?project_id=${id()}` }),
    200,
    jobsAnswer,
  ],
  [
    'Prismatic connector, actions/getPipeline: all of its parameters in the query',
    () => ({
      method: 'GET',
      path: `status?project_id=${id()}&name=${pipeline}&summary=false&status=pending`,
    }),
    200,
    statusRuns,
  ],
  [
    'Prismatic connector, actions/editGCSPipeline',
    () => ({
      method: 'POST',
      path: 'edit',
      form: [
        ['name', pipeline],
        ['project_id', id()],
        ['events', 'Page View'],
        ['where', 'properties["plan"] == "team"'],
      ],
    }),
    200,
    editAnswer,
  ],
  [
    'mp command line (Go, net/http), pipelines list: url.Values in the query',
    () => ({ method: 'GET', path: `jobs?project_id=${id()}` }),
    200,
    jobsAnswer,
  ],
  [
    'mp command line, pipelines status: without a name, which the reference requires',
    () => ({ method: 'GET', path: `status?project_id=${id()}` }),
    400,
    errorAnswer,
  ],
  [
    'Python requests, as the reference generates it: data=dict by POST, project_id in the query',
    () => ({ method: 'POST', path: `pause?project_id=${id()}`, form: [['name', pipeline]] }),
    200,
    doneAnswer,
  ],
  [
    'Python requests: a list in data makes repeated keys',
    () => ({
      method: 'POST',
      path: `status?project_id=${id()}`,
      form: [
        ['name', pipeline],
        ['status', 'failed'],
        ['status', 'timed_out'],
      ],
    }),
    200,
    statusRuns,
  ],
  [
    'shell: a trailing slash, and the name in the query of a POST without a body',
    () => ({ method: 'POST', path: `resume/?name=${pipeline}&project_id=${id()}` }),
    200,
    doneAnswer,
  ],
])('a client: %s', async (_source, sent, status, shape) => {
  await expectAnswer({ ...sent(), credentials: account }, status, shape)
})
