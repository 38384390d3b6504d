/**
 * Requests as the SDKs send them, as the reference shows them, and as neither would: each with its source, and each is
 * answered in the documented shape and stores what it should.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccountDirectory } from '../../src/control/accounts/account-directory.ts'
import { PenstockError } from '../../src/errors/penstock-error.ts'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import { ingestRequests } from '../support/ingest-requests/index.ts'
import {
  account,
  type IngestRequest,
  json,
  nowMs,
  type World,
} from '../support/ingest-requests/ingest-request.ts'
import { acme, startIngestServer } from '../support/ingest-server.ts'

type Server = Awaited<ReturnType<typeof startIngestServer>>

let threads: ThreadPool
let worlds: Record<World, Server>

const accounts: AccountDirectory = {
  byCredentials: async (username, password) =>
    username === account.username && password === account.secret
      ? new Map([[acme.id, { ...acme, token: acme.token as never, role: 'admin' as const }]])
      : undefined,
}

const away = () => Promise.reject(new PenstockError('outside', 'STORE_BUSY', 'away', { retryable: true }))

beforeAll(async () => {
  threads = createThreadPool(1)
  const common = { run: threads.run, clock: { nowMs: () => nowMs }, accounts }
  worlds = {
    open: await startIngestServer(common),
    'rate spent': await startIngestServer({ ...common, importBytesPerMinuteMax: 1 }),
    'store away': await startIngestServer({ ...common, append: away, updateProfiles: away }),
  }
  await spendRate(worlds['rate spent'])
})

afterAll(async () => {
  await Promise.all(Object.values(worlds ?? {}).map((server) => server.close()))
  await threads?.close()
})

async function spendRate(server: Server): Promise<void> {
  const body = JSON.stringify({ event: 'e', properties: { token: acme.token } })
  expect((await fetch(`${server.url}/track`, { method: 'POST', headers: json, body })).status).toBe(200)
  server.stored.length = 0
}

async function expectAnswer(request: IngestRequest): Promise<void> {
  const server = worlds[request.world ?? 'open']
  server.stored.length = 0
  server.profileUpdates.length = 0
  const { method = 'POST', path, headers = {}, body = null, answer } = request
  const response = await fetch(server.url + path, { method, headers, body })
  const received = Buffer.from(await response.arrayBuffer())
  const type = (response.headers.get('content-type') ?? '').split(';')[0]
  expect({ status: response.status, type, body: received.toString() }).toEqual({
    status: answer.status,
    type: answer.type,
    body: answer.body instanceof RegExp ? expect.stringMatching(answer.body) : answer.body.toString(),
  })
  expect(Object.fromEntries(response.headers)).toMatchObject(answer.headers ?? {})
  expectKept(server.stored, request.events ?? 0)
  expectKept(
    server.profileUpdates.map(({ update }) => update),
    request.updates ?? 0,
  )
}

function expectKept(kept: readonly object[], expected: number | readonly object[]): void {
  if (typeof expected === 'number') expect(kept).toHaveLength(expected)
  else expect(kept).toMatchObject(expected)
}

describe.each(Object.entries(ingestRequests))('%s', (_from, requests) => {
  test.each(requests.map((request): [string, IngestRequest] => [request.name, request]))(
    '%s',
    async (_name, request) => {
      expect(request.source).not.toBe('')
      await expectAnswer(request)
    },
  )
})

test('the table has at least 200 requests', () => {
  expect(Object.values(ingestRequests).flat().length).toBeGreaterThanOrEqual(200)
})
