/**
 * The OpenAPI document: it is the committed one, it says what every parameter means, and every route's answers, right ones
 * and refusals, are as it says.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { PenstockError } from '../../src/errors/penstock-error.ts'
import { openConsolePage } from '../support/console-page.ts'
import {
  base,
  basic,
  everyTestPasses,
  fineRequest,
  type PipelineServer,
  startPipelineServer,
} from '../support/pipeline-server.ts'

const committed = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')

type Schema = Parameters<typeof z.fromJSONSchema>[0]
type Content = Record<string, { schema: Schema }>
interface Operation {
  parameters?: { name: string; description: string; schema: Schema }[]
  requestBody?: { content: Content }
  responses: Record<string, { content: Content }>
}
interface Document {
  openapi: string
  paths: Record<string, Record<'get' | 'post' | 'delete', Operation>>
  components: { schemas: Record<string, Schema> }
}

let server: PipelineServer
let project: CreatedProject
let document: Document
let url: string
beforeAll(async () => {
  const verified = [
    {
      folder: 'test/1/2024/02/20/full_day/',
      state: 'finished' as const,
      files: 1,
      events: 2,
      differences: [],
    },
  ]
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'), {}, everyTestPasses, async () => {
    const found = verified.pop()
    if (found === undefined) throw new PenstockError('outside', 'VERIFICATIONS_BUSY', 'too many at once')
    return found
  })
  project = await server.project()
  url = await server.app.listen({ port: 0, host: '127.0.0.1' })
  document = (await server.app.inject(`${base}/openapi.json`)).json()
})
afterAll(() => server.close())

test('the document is served to everybody, and is the committed one; npm run openapi writes it anew', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(document).toEqual(JSON.parse(committed))
})

test('every parameter says what it means', () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of Object.values(operations)) {
      for (const [name, description] of parametersOf(operation)) {
        expect(description, `${path} ${name}`).not.toBe(name)
      }
    }
  }
})

function parametersOf({ parameters, requestBody }: Operation): [name: string, description: unknown][] {
  if (parameters !== undefined) return parameters.map(({ name, description }) => [name, description])
  const schema = requestBody?.content['application/json']?.schema as { properties: Record<string, object> }
  // A text that is its own name is one that nobody has written.
  return Object.entries(schema.properties).map(([name, property]) => [
    name,
    (property as { description: string }).description,
  ])
}

const name = 'events-daily-s3-raw'
/** One that is there to the end. */
const later = 'events-hourly-s3-raw'

test('each call of the API, one after the other, is answered as the document says', async () => {
  const calls: [call: string, form: Record<string, string> | undefined, status: number][] = [
    ['create', { ...fineRequest, where: '1 == 2 or properties["a"] == 1' }, 200],
    ['create', { ...fineRequest }, 409],
    ['create', { ...fineRequest, type: 'aws' }, 400],
    ['jobs', undefined, 200],
    ['jobs', {}, 200],
    [`status?name=${name}`, undefined, 200],
    [`status?name=${name}&summary=true`, undefined, 200],
    ['status', { name, status: 'pending' }, 200],
    ['status?name=other', undefined, 404],
    [`timeline?name=${name}`, undefined, 200],
    ['timeline', { name }, 200],
    [`manifest?name=${name}&date=2024-02-20`, undefined, 404],
    ['manifest', { name, date: '2024-02-20' }, 404],
    [`folders?name=${name}`, undefined, 200],
    [`folders?name=${name}&by=month`, undefined, 200],
    [`folders?name=${name}&by=year`, undefined, 400],
    [`history?name=${name}&date=2024-02-20`, undefined, 200],
    [`history?name=${name}&date=2023-02-20`, undefined, 404],
    ['preview', { where: 'properties["a"] == 1', limit: '5' }, 200],
    ['preview', { limit: '0' }, 400],
    ['estimate', { from_date: '2024-02-20' }, 200],
    ['estimate', {}, 400],
    ['/api/2.0/events/recent?distinct_id=a', undefined, 200],
    ['/api/2.0/events/recent', undefined, 400],
    ['/api/2.0/schema', undefined, 200],
    ['/api/2.0/schema?from_date=2020-01-01', undefined, 400],
    ['verify', { name, date: '2024-02-20' }, 200],
    ['verify', { name, date: '2024-02-20' }, 429],
    ['edit', { name, events: 'a' }, 200],
    ['edit', { name }, 400],
    ['pause', { name }, 200],
    [`status?name=${name}`, undefined, 200],
    ['resume', { name }, 200],
    [`setup?s3_bucket=acme-raw&s3_region=us-west-2`, undefined, 200],
    [
      'test',
      { s3_bucket: fineRequest.s3_bucket, s3_region: fineRequest.s3_region, s3_role: fineRequest.s3_role },
      200,
    ],
    ['cancel', { name }, 200],
    ['cancel', { name }, 404],
    ['create', { ...fineRequest, frequency: 'hourly', s3_prefix: 'later' }, 200],
    ['jobs?project_id=987654', undefined, 403],
  ]
  const seen = new Set<string>()
  for (const [call, form, status] of calls) {
    const answer = await server.call(project.apiSecret, call, form)
    expect(`${answer.status} ${call}`).toBe(`${status} ${call}`)
    seen.add(expectDescribed(call, form === undefined ? 'get' : 'post', answer))
  }
  const unknown = await server.call('0'.repeat(32), 'jobs')
  expectDescribed('jobs', 'get', unknown)
  seen.add(await expectLinesDescribed('/export', 'from_date=2024-02-01&to_date=2024-02-02', 200))
  await expectLinesDescribed('/export', 'from_date=2024-02-01', 400)
  seen.add(await expectLinesDescribed('/engage', 'limit=10', 200))
  await expectLinesDescribed('/engage', 'limit=0', 400)
  seen.add(await expectLinesDescribed('/live', '', 200))
  await expectLinesDescribed('/live', 'a=b', 400)
  seen.add(await expectLinesDescribed('/nessie/pipeline/watch', `name=${later}`, 200))
  await expectLinesDescribed('/nessie/pipeline/watch', 'name=none', 404)
  for (const operation of [...(await callSessions()), ...(await callInstallation())]) seen.add(operation)
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  )
  expect([...seen].sort()).toEqual(described.sort())
})

/** Returns the operations. */
async function callSessions(): Promise<string[]> {
  const page = openConsolePage(server.app)
  const path = '/console/session'
  expectDescribed(path, 'post', await page.signIn({ secret: '0'.repeat(32) }))
  return [
    expectDescribed(path, 'post', await page.signIn({ secret: project.apiSecret })),
    expectDescribed(path, 'get', await page.get(path)),
    expectDescribed(path, 'delete', await page.send('DELETE', path)),
  ]
}

/** Returns the operations. */
async function callInstallation(): Promise<string[]> {
  const page = openConsolePage(server.app)
  const path = '/console/installation'
  const made = await page.send('POST', path, { setup_token: 'x', name: 'shop' })
  expect(made.status).toBe(409)
  return [
    expectDescribed(path, 'post', made),
    expectDescribed(path, 'post', await page.send('POST', path, { name: 'shop' })),
    expectDescribed(path, 'get', await page.get(path)),
  ]
}

/** Returns the operation. */
async function expectLinesDescribed(call: string, query: string, status: number): Promise<string> {
  const path = `/api/2.0${call}`
  const headers = { authorization: basic(`${project.apiSecret}:`) }
  const answer = await fetch(`${url}${path}?${query}`, { headers })
  // A stream of events has no end.
  await answer.body?.cancel()
  expect([answer.status, query]).toEqual([status, query])
  const content = document.paths[path]?.get?.responses[status]?.content ?? {}
  expect(Object.keys(content)).toEqual([answer.headers.get('content-type')?.split(';')[0]])
  return `get ${path}`
}

/** Returns the operation. */
function expectDescribed(
  call: string,
  method: 'get' | 'post' | 'delete',
  { status, json }: { status: number; json: unknown },
): string {
  const [named = ''] = call.split('?')
  const path = named.startsWith('/') ? named : `${base}/${named}`
  const schema = document.paths[path]?.[method]?.responses[status]?.content['application/json']?.schema
  expect(schema, `${method} ${call} ${status}`).toBeDefined()
  const { $ref: reference } = schema as { $ref?: string }
  const resolved = reference === undefined ? schema : document.components.schemas.Error
  const found = z.fromJSONSchema(resolved as Schema).safeParse(json)
  expect(found.error, `${method} ${call} ${status}`).toBeUndefined()
  return `${method} ${path}`
}
