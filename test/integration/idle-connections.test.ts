/**
 * Ten thousand connections that do nothing, or stop in the middle of a request, while others send events: as many as the
 * limit of open files lets one process have.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { basic, importEvent } from '../support/ingest-server.ts'
import { penstockJson, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'

const openFilesMax = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })) || 1_000_000
/** The rest is for what either process has open anyway. */
const connectionCount = Math.min(10_000, openFilesMax - 500)
const connectingAtOnce = 200
/** Each connection takes some ten kilobytes: a leak of one request's room in each would take far more. */
const memoryBytesMax = 1024 ** 3

let folder: string
let database: TestDatabase
let server: RunningPenstock
let secret: string
const sockets: Socket[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-idle-'))
  database = await createTestDatabase()
  const env = { PENSTOCK_DATA_DIR: folder, PENSTOCK_DATABASE_URL: database.url }
  server = await startPenstock(env, ['--roles', 'api'])
  const args = ['project', 'create', '--name', 'idle']
  secret = (await penstockJson<{ api_secret: string }>(args, env)).api_secret
})

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await server?.kill('SIGTERM')
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Nothing; half a header; a header whose body never comes, or comes to a half. */
const beginnings = [
  '',
  'POST /import HTTP/1.1\r\nHost: a\r\nAuthor',
  'POST /track HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n',
  'POST /track HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n[{"event"',
]

function open(index: number): Promise<void> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(beginnings[index % beginnings.length] ?? '', () => resolve())
    })
    sockets.push(socket)
    // Also what comes later: a connection may be closed on the server's own account.
    socket.on('error', reject)
  })
}

async function importOne(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.url}/import?strict=1`, {
    method: 'POST',
    headers: { ...basic(secret), 'content-type': 'application/json' },
    body: JSON.stringify([importEvent()]),
  })
  return { status: response.status, text: await response.text() }
}

const stored = { status: 200, text: '{"code":200,"num_records_imported":1,"status":"OK"}' }

test('they keep nobody else from sending, and take little memory', { timeout: 240_000 }, async () => {
  for (let from = 0; from < connectionCount; from += connectingAtOnce) {
    const count = Math.min(connectingAtOnce, connectionCount - from)
    await Promise.all(Array.from({ length: count }, (_, index) => open(from + index)))
  }
  expect(await importOne()).toEqual(stored)
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8')
  expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024).toBeLessThan(memoryBytesMax)
  for (const socket of sockets) socket.destroy()
  expect(await importOne()).toEqual(stored)
})
