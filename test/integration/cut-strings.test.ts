/** A project's setting for long strings, from the command line to what is exported. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { basic, importEvent, trackEvent } from '../support/ingest-server.ts'
import {
  type Env,
  penstock,
  penstockJson,
  type RunningPenstock,
  startPenstock,
} from '../support/penstock-process.ts'

let folder: string
let database: TestDatabase
let env: Env
let server: RunningPenstock
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-strings-'))
  database = await createTestDatabase()
  env = { PENSTOCK_DATABASE_URL: database.url, PENSTOCK_DATA_DIR: join(folder, 'data') }
  server = await startPenstock(env)
}, 60_000)
afterAll(async () => {
  await server?.kill('SIGTERM')
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

interface Project {
  project_id: number
  token: string
  api_secret: string
}

const long = '☃'.repeat(300)

/** Sends one event each by /track, /import and the form of /import, and gives the lengths of their texts as exported. */
async function lengthsKept(project: Project): Promise<number[]> {
  const headers = { 'content-type': 'application/json', ...basic(project.api_secret) }
  const post = async (path: string, body: string, type = 'application/json') => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { ...headers, 'content-type': type },
      body,
    })
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^1|"status":"OK"/)])
  }
  await post('/track', JSON.stringify(trackEvent({ token: project.token, text: long })))
  await post('/import?strict=1', JSON.stringify([importEvent({ text: long })]))
  const form = new URLSearchParams({ data: JSON.stringify([importEvent({ text: long })]) })
  await post('/import', String(form), 'application/x-www-form-urlencoded')
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)
  const exported = await fetch(`${server.url}/api/2.0/export?from_date=${day(1)}&to_date=${day(0)}`, {
    headers,
  })
  const lines = (await exported.text()).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line).properties.text.length)
}

test('long strings are kept whole, or cut where the project says so', { timeout: 180_000 }, async () => {
  const create = (name: string, ...more: string[]) =>
    penstockJson<Project>(['project', 'create', '--name', name, ...more], env)
  expect(await lengthsKept(await create('whole'))).toEqual([300, 300, 300])
  expect(await lengthsKept(await create('cut', '--strings', 'cut'))).toEqual([255, 255, 255])
  const edited = await create('edited')
  const id = String(edited.project_id)
  expect(await penstockJson(['project', 'edit', '--project', id, '--strings', 'cut'], env)).toEqual({
    project_id: edited.project_id,
    strings: 'cut',
  })
  expect(await lengthsKept(edited)).toEqual([255, 255, 255])
  const listed = await penstockJson<{ name: string; strings: string }[]>(['project', 'list'], env)
  expect(listed.map(({ name, strings }) => [name, strings])).toEqual([
    ['whole', 'whole'],
    ['cut', 'cut'],
    ['edited', 'cut'],
  ])
  const wrong = await penstock(['project', 'edit', '--project', id, '--strings', 'short'], env)
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('whole, cut')])
})
