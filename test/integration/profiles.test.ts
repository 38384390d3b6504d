/** /engage and /groups, and what they leave behind read back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Env, penstockJson, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'

interface Project {
  token: string
  api_secret: string
}

let folder: string
let database: TestDatabase
let env: Env
let server: RunningPenstock
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-profiles-'))
  database = await createTestDatabase()
  env = { PENSTOCK_DATABASE_URL: database.url, PENSTOCK_DATA_DIR: join(folder, 'data') }
  server = await startPenstock(env)
})
afterAll(async () => {
  await server?.kill('SIGTERM')
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

const newProject = () => penstockJson<Project>(['project', 'create', '--name', 'profiles'], env)

/** @param records as JSON, or what JSON.stringify makes JSON of */
async function send(path: string, records: unknown): Promise<{ status: number; text: string }> {
  const body = typeof records === 'string' ? records : JSON.stringify(records)
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body })
  return { status: answer.status, text: await answer.text() }
}

async function list(project: Project, query = '') {
  const answer = await fetch(`${server.url}/api/2.0/engage${query}`, {
    headers: { authorization: basic(`${project.api_secret}:`) },
  })
  const text = await answer.text()
  const lines = answer.ok ? text.split('\n').filter((line) => line !== '') : []
  return {
    status: answer.status,
    text,
    profiles: lines.map((line) => JSON.parse(line)),
    link: answer.headers.get('link'),
  }
}

const engage = (project: Project, id: string, operations: object) => ({
  ...{ $token: project.token, $distinct_id: id, $ignore_time: true },
  ...operations,
})

test('updates are applied in their order, within a request and across requests', async () => {
  const project = await newProject()
  const records = [
    engage(project, 'ann', { $set: { plan: 'free' }, $add: { visits: 1 } }),
    engage(project, 'bob', { $set: { plan: 'team' } }),
    engage(project, 'ann', { $set: { plan: 'team' }, $add: { visits: 1 } }),
    engage(project, 'bob', { $delete: '' }),
  ]
  expect(await send('/engage/?verbose=1', records)).toEqual({
    status: 200,
    text: '{"status":1,"error":null}',
  })
  expect(await send('/engage', [engage(project, 'ann', { $add: { visits: 1 } })])).toEqual({
    status: 200,
    text: '1',
  })
  const group = { $token: project.token, $group_key: 'company', $group_id: 'acme', $set: { seats: 5 } }
  expect(await send('/groups/', group)).toEqual({ status: 200, text: '1' })
  expect((await list(project)).profiles).toEqual([
    { $distinct_id: 'ann', $properties: { plan: 'team', visits: 3 } },
  ])
  expect((await list(project, '?group_key=company')).profiles).toEqual([
    { $group_key: 'company', $group_id: 'acme', $properties: { seats: 5 } },
  ])
})

test('numbers keep every digit: as they are set, counted and collected, and as ids', async () => {
  const project = await newProject()
  const record = (id: string, operations: string) =>
    `{"$token":"${project.token}","$distinct_id":${id},"$ignore_time":true,${operations}}`
  const big = '12345678901234567890'
  const records = [
    record('"ann"', `"$set":{"id":${big},"deep":{"list":[1e400,0.1]},"n":9007199254740993}`),
    record('"ann"', `"$add":{"n":1,"m":${big},"deep":1},"$append":{"ids":${big}}`),
    record('"ann"', `"$add":{"n":"9007199254740993"},"$union":{"ids":[${big},12345678901234567891]}`),
    record(
      '"ann"',
      `"$remove":{"ids":${big}},"$merge":{"deep":{"more":${big}},"id":{"no":1}},"$set_once":{"once":${big}}`,
    ),
    record(big, '"$set":{"a":1}'),
  ]
  expect(await send('/engage', `[${records}]`)).toEqual({ status: 200, text: '1' })
  const group = `{"$token":"${project.token}","$group_key":"company","$group_id":${big},"$set":{"id":${big}}}`
  expect(await send('/groups', group)).toEqual({ status: 200, text: '1' })
  expect((await list(project)).text).toBe(
    [
      `{"$distinct_id":"${big}","$properties":{"a":1}}`,
      `{"$distinct_id":"ann","$properties":{"id":${big},"deep":{"list":[1e400,0.1],"more":${big}},"n":18014398509481987,"m":${big},"ids":[12345678901234567891],"once":${big}}}`,
      '',
    ].join('\n'),
  )
  expect((await list(project, '?group_key=company')).text).toBe(
    `{"$group_key":"company","$group_id":"${big}","$properties":{"id":${big}}}\n`,
  )
})

test('requests at the same time lose nothing of one another', async () => {
  const project = await newProject()
  const ids = ['ann', 'bob', 'cid']
  const requests = Array.from({ length: 30 }, (_, index) => {
    const records = ids.map((id) => engage(project, id, { $add: { n: 1 }, $append: { seen: index } }))
    return send('/engage', index % 2 === 0 ? records : records.toReversed())
  })
  for (const { text } of await Promise.all(requests)) expect(text).toBe('1')
  for (const { $properties } of (await list(project)).profiles) {
    expect($properties.n).toBe(30)
    expect(new Set($properties.seen).size).toBe(30)
  }
  expect((await list(project)).profiles).toHaveLength(3)
})

test('what is refused is named, the others are kept, and no project reaches another', async () => {
  const project = await newProject()
  const other = await newProject()
  const records = [
    engage(project, 'ann', { $set: { a: 1 } }),
    engage(project, 'bob', { $add: { n: 'x' } }),
    engage({ ...project, token: 'f'.repeat(32) }, 'cid', { $set: { a: 1 } }),
    engage(project, 'dan', { $set: { text: 'x'.repeat(1_100_000) } }),
  ]
  const { text } = await send('/engage?verbose=1', records)
  expect(JSON.parse(text)).toEqual({
    status: 0,
    error:
      "event 1: '$add' is invalid: must have numbers as its values (3 of 4 refused; the others are stored)",
  })
  expect((await list(project)).profiles.map(({ $distinct_id }) => $distinct_id)).toEqual(['ann'])
  expect((await list(other)).profiles).toEqual([])
  expect((await list({ ...other, api_secret: project.token })).status).toBe(403)
  expect((await list({ ...other, api_secret: 'x' })).status).toBe(401)
  expect(await list(project, '?limit=0')).toMatchObject({
    status: 400,
    text: expect.stringContaining('limit'),
  })
})

test('pages follow one another by their links, and end', async () => {
  const project = await newProject()
  const ids = Array.from({ length: 25 }, (_, index) => `user ${String(index).padStart(2, '0')} é/?&`)
  await send(
    '/engage',
    ids.map((id) => engage(project, id, { $set: { id, text: 'a\0b\ud800' } })),
  )
  const found: string[] = []
  let query: string | undefined = '?limit=10'
  let pages = 0
  while (query !== undefined) {
    const page: Awaited<ReturnType<typeof list>> = await list(project, query)
    expect(page.profiles.every(({ $properties }) => $properties.text === 'a\0b\ud800')).toBe(true)
    found.push(...page.profiles.map(({ $distinct_id }) => $distinct_id))
    query = /<[^?>]*(\?[^>]*)>; rel="next"/.exec(page.link ?? '')?.[1]
    pages += 1
  }
  expect(found).toEqual(ids)
  expect(pages).toBe(3)
})
