/**
 * The downloads that public clients ask of the Raw Export API, as their sources build them, each answered with the events
 * that it asks for; and requests of the Data Pipelines API in spellings of their own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount, grantRole } from '../../src/control/accounts/manage-accounts.ts'
import { type CreatedProject, createProject } from '../../src/control/projects/manage-projects.ts'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import type { TestEvent } from '../support/event-batches.ts'
import { createExportWorld } from '../support/export-world.ts'
import {
  base,
  basic,
  fineRequest,
  type PipelineServer,
  startPipelineServer,
} from '../support/pipeline-server.ts'
import { type RawExportServer, sourceOf, startRawExportServer } from '../support/raw-export-server.ts'

let database: TestDatabase
let threads: ThreadPool
let folder: string
let project: CreatedProject
let account: string
let server: RawExportServer
beforeAll(async () => {
  database = await createTestDatabase()
  threads = createThreadPool(1)
  folder = await mkdtemp(join(tmpdir(), 'penstock-client-requests-'))
  project = await createProject(database.db, { name: 'a project', timeZone: 'UTC' })
  const { username, secret } = await createAccount(database.db, 'client')
  await grantRole(database.db, 'client', { projectId: project.projectId, role: 'admin' })
  account = `${username}:${secret}`
  const world = await createExportWorld({ db: database.db, threads, folder, startMs: 0 })
  await world.append(project.projectId, 'UTC', events)
  server = await startRawExportServer(database.db, sourceOf(world, threads))
})
afterAll(async () => {
  await server?.close()
  await threads?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

const noon = Date.parse('2024-01-25T12:00:00Z') / 1000
const events = ['Viewed', 'Signed up', 'Viewed', 'Bought'].map(
  (event, index): TestEvent => ({
    event,
    properties: {
      time: noon + (index - 2) * 3600,
      distinct_id: 'ann',
      $insert_id: `e-${index}`,
      country: 'CA',
    },
  }),
)
/** By their $insert_id, in the order in which they came. */
const all = ['e-0', 'e-1', 'e-2', 'e-3']
const days = 'from_date=2024-01-25&to_date=2024-01-26'

interface Download {
  /** Behind `/api/2.0/export`, as it is on the wire. */
  url: string
  authorization: string
  headers?: Record<string, string>
}

const secret = () => basic(`${project.apiSecret}:`)
const serviceAccount = () => basic(account)
const id = () => project.projectId

test.each<[source: string, sent: () => Download, answered: string[]]>([
  [
    'mixpanel/mixpanel-go, export.go and http.go: url.Values in the order of their names; text/plain is accepted',
    () => ({
      url: `?event=%5B%22Viewed%22%5D&from_date=2024-01-25&limit=10&project_id=${id()}&to_date=2024-01-26&where=properties%5B%22country%22%5D+%3D%3D+%22CA%22`,
      authorization: serviceAccount(),
      headers: { accept: 'text/plain' },
    }),
    ['e-0', 'e-2'],
  ],
  [
    'mixpanel/mixpanel-utils (Python, urllib), src/mixpanel_utils/__init__.py query_export: lists as JSON; gzip if wanted',
    () => ({
      url: `?${days}&event=%5B%22Viewed%22%2C+%22Bought%22%5D&project_id=${id()}`,
      authorization: serviceAccount(),
      headers: { 'accept-encoding': 'gzip' },
    }),
    ['e-0', 'e-2', 'e-3'],
  ],
  [
    'mixpanel/mixpanel-utils (Python, httpx), src/mixpanel_utils/streaming/io/exporters.py',
    () => ({
      url: `?${days}&limit=100&where=properties%5B%22country%22%5D%20%3D%3D%20%22CA%22&project_id=${id()}`,
      authorization: serviceAccount(),
      headers: { accept: '*/*', 'accept-encoding': 'gzip, deflate' },
    }),
    all,
  ],
  [
    'singer-io/tap-mixpanel (Python, requests), tap_mixpanel/client.py: the secret alone as credentials, without a colon',
    () => ({
      url: `?${days}`,
      authorization: basic(project.apiSecret),
      headers: { accept: 'application/json', 'accept-encoding': 'gzip, deflate' },
    }),
    all,
  ],
  [
    'airbytehq/airbyte, source-mixpanel streams/export.py: the events since a moment, by its seconds',
    () => ({
      url: `?${days}&project_id=${id()}&where=properties%5B%22%24time%22%5D%3E%3Ddatetime%28${noon}%29`,
      authorization: serviceAccount(),
      headers: { accept: 'application/json' },
    }),
    ['e-2', 'e-3'],
  ],
  [
    'ak--47/mixpanel-import (Node, got), components/exporters.js: by the API secret, without a project',
    () => ({
      url: `?${days}&limit=100&where=properties%5B%22country%22%5D+%3D%3D+%22CA%22`,
      authorization: secret(),
      headers: { 'accept-encoding': 'gzip, deflate, br' },
    }),
    all,
  ],
  [
    'fitstar/mixpanel (Go), README: a slash behind the path',
    () => ({ url: `/?${days}`, authorization: secret() }),
    all,
  ],
  [
    'quipper/quipper-mixpanel-exporter (Ruby), README: one day',
    () => ({
      url: '/?from_date=2024-01-25&to_date=2024-01-25&event=%5B%22Bought%22%5D',
      authorization: secret(),
    }),
    ['e-3'],
  ],
  [
    'shell, curl with a service account: project_id first',
    () => ({
      url: `?project_id=${id()}&${days}`,
      authorization: serviceAccount(),
      headers: { accept: '*/*' },
    }),
    all,
  ],
  [
    'shell, curl -u with plain text after Basic, as Mixpanel takes it',
    () => ({ url: `?${days}`, authorization: `Basic ${project.apiSecret}:` }),
    all,
  ],
])('a download: %s', async (_source, sent, answered) => {
  const { url, authorization, headers } = sent()
  const answer = await fetch(`${server.url}${url}`, { headers: { authorization, ...headers } })
  const text = await answer.text()
  expect(`${answer.status} ${text}`).toMatch(/^200 /)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  const lines = text.trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).properties.$insert_id).sort()).toEqual(answered)
})

test('a download that is refused says so in JSON, which clients show as it is', async () => {
  const refused = await fetch(`${server.url}?from_date=2024-1-25`, { headers: { authorization: secret() } })
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { status: 'error', error: expect.stringContaining('from_date') },
  ])
})

test('the reference’s generated Python, whose False and True requests writes with capitals, creates and asks', async () => {
  const pipelines: PipelineServer = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
  const { apiSecret } = await pipelines.project()
  // data=dict with Python's False for trial, and a list for events.
  const form = {
    ...fineRequest,
    trial: 'False',
    sync: 'True',
    data_source: 'events',
    events: ['Viewed', 'Bought'],
  }
  const created = await pipelines.call(apiSecret, 'create', form)
  expect(created).toMatchObject({ status: 200, json: { pipeline_names: ['events-daily-s3-raw'] } })
  const name = 'events-daily-s3-raw'
  expect(await pipelines.call(apiSecret, 'status', { name, summary: 'True' })).toMatchObject({ status: 200 })
  // json=dict: a boolean, and a null for what has no value.
  const sent = await pipelines.app.inject({
    method: 'POST',
    url: `${base}/edit`,
    headers: { authorization: basic(`${apiSecret}:`), 'content-type': 'application/json' },
    payload: JSON.stringify({ name, events: ['Viewed'], where: null, skip_check: true }),
  })
  expect([sent.statusCode, sent.json()]).toEqual([200, { status: 'ok' }])
  await pipelines.close()
})
