/** `penstock import` as its users start it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestFolder } from '../support/import-run.ts'
import { acme, importEvent, startIngestServer } from '../support/ingest-server.ts'
import { penstock } from '../support/penstock-process.ts'
import { allStored, startScriptedServer } from '../support/scripted-import-server.ts'

let server: Awaited<ReturnType<typeof startIngestServer>>
let folder: Awaited<ReturnType<typeof createTestFolder>>
let file: string

beforeAll(async () => {
  server = await startIngestServer()
  folder = await createTestFolder()
  file = await folder.write(
    'events.ndjson',
    [1, 2, 3].map((n) => JSON.stringify(importEvent({ n }))).join('\n'),
  )
})

beforeEach(() => {
  server.stored.length = 0
})

afterAll(async () => {
  await server.close()
  await folder.remove()
})

const access = () => ['--url', server.url, '--secret', acme.secret]

test('all imported: exit 0, a sentence for people', async () => {
  const { code, stdout } = await penstock(['import', file, ...access()], {})
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Imported 3 of 3 events from 1 file, \d+ a second\.\n$/)
  expect(server.stored.map(({ projectId }) => projectId)).toEqual([acme.id, acme.id, acme.id])
})

test('some refused: exit 1, and with --json one document on standard output', async () => {
  const rejects = folder.path('rejects.ndjson')
  const args = ['import', '-', ...access(), '--json', '--rejects', rejects]
  const { code, stdout } = await penstock(args, {}, `bad\n${JSON.stringify(importEvent())}\n`)
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    outcome: 'finished',
    files: 1,
    events: 2,
    imported: 1,
    refused: 1,
    unsent: 0,
    rejects_file: rejects,
    broken_files: [],
    error: null,
  })
})

test('the secret from a file', async () => {
  const secretFile = await folder.write('secret', `${acme.secret}\n`)
  const args = ['import', file, '--url', server.url, '--secret-file', secretFile, '--json']
  const { code, stdout } = await penstock(args, {})
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ imported: 3 })
})

test("a secret that is no project's: exit 1 and the server's sentence, never the secret", async () => {
  const secret = 'no-such-secret'
  const { code, stdout, stderr } = await penstock(
    ['import', file, '--url', server.url, '--secret', secret],
    {},
  )
  expect(code).toBe(1)
  expect(stdout).toContain('401: Invalid credentials')
  expect(stdout + stderr).not.toContain(secret)
})

describe('misused: exit 2, and nothing is sent', () => {
  test.each([
    ['no file', () => ['import', ...access()]],
    ['no URL', () => ['import', file, '--secret', 'x']],
    ['no secret', () => ['import', file, '--url', server.url]],
    ['two secrets', () => ['import', file, ...access(), '--secret-file', file]],
    ['a secret of several words', () => ['import', file, '--url', server.url, '--secret', 'a b']],
    ['a file that is not there', () => ['import', file, folder.path('none'), ...access()]],
    ['standard input twice', () => ['import', '-', '-', ...access()]],
    ['a URL of another kind', () => ['import', file, '--url', 'ftp://h', '--secret', 'x']],
    ['a URL with credentials', () => ['import', file, '--url', 'http://a:b@h', '--secret', 'x']],
    ['a URL with a query', () => ['import', file, '--url', 'http://h/?a=b', '--secret', 'x']],
    ['no requests at a time', () => ['import', file, ...access(), '--parallel', '0']],
    ['an unknown option', () => ['import', file, ...access(), '--token', 'x']],
  ])('%s', async (_name, args) => {
    const { code, stdout, stderr } = await penstock(args(), {})
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).not.toBe('')
    expect(server.stored).toEqual([])
  })
})

test('interrupted: what is under way is let finish, what was imported is told, exit 1', async () => {
  const lines = Array.from({ length: 9_000 }, () => JSON.stringify(importEvent()))
  const large = await folder.write('large.ndjson', lines.join('\n'))
  let release = (): void => undefined
  const stopping = new Promise<void>((resolve) => {
    release = resolve
  })
  let arrived = (): void => undefined
  const first = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const slow = await startScriptedServer(async (request) => {
    arrived()
    await stopping
    return allStored(request.lines.length)
  })
  const program = join(import.meta.dirname, '../../bin/penstock')
  const args = ['import', large, '--url', slow.url.href, '--secret', 'x', '--parallel', '1', '--json']
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const stops = (async () => {
    for await (const said of child.stderr) if (String(said).includes('Stopping')) release()
  })()
  await first
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  await stops
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'stopped', imported: 2_000, refused: 0, error: null })
  expect(slow.requests).toHaveLength(1)
  await slow.close()
})
