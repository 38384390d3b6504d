/**
 * Clients that announce large bodies and stall, on real sockets: others get their events in all the same, and what the
 * stalled ones have sent takes no more memory than the setting allows. And one project whose events come in masses, and are
 * stuck where they are to be stored, takes no other's room.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { acme, basic, importEvent, other, startIngestServer, trackEvent } from '../support/ingest-server.ts'

const mebibyte = 1024 ** 2
const stalledCount = 50
const announcedBytes = 10 * mebibyte

type Server = Awaited<ReturnType<typeof startIngestServer>>

let server: Server | undefined
const sockets: Socket[] = []
let release = () => {}
afterEach(async () => {
  release()
  for (const socket of sockets.splice(0)) socket.destroy()
  await server?.close()
})

/** Resolves when the server's system has what was sent of the body. */
async function stall(path: string, sentBytes: number): Promise<void> {
  const { port } = new URL(server?.url ?? '')
  const socket = connect(Number(port), '127.0.0.1')
  sockets.push(socket)
  // A server may cut it at any time.
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic(acme.secret).authorization}\r\nContent-Type: application/json\r\n`
  const body = `[${' '.repeat(sentBytes)}`
  const written = new Promise((resolve) => {
    socket.write(`${head}Content-Length: ${announcedBytes}\r\n\r\n${body}`, resolve)
    socket.once('close', resolve)
  })
  await written
}

interface Sender {
  token: string
  secret: string
}

/** Events of about a kilobyte each. */
function post(path: string, { token, secret }: Sender, count: number): Promise<Response> {
  const padding = 'x'.repeat(1000)
  const make = path === '/track' ? trackEvent : importEvent
  const events = Array.from({ length: count }, () => make({ token, padding }))
  return fetch(`${server?.url}${path}`, {
    method: 'POST',
    headers: { ...(path === '/import' && basic(secret)), 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
}

async function importEvents(count: number): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server?.url}/import?strict=1`, {
    method: 'POST',
    headers: { ...basic(acme.secret), 'content-type': 'application/json' },
    body: JSON.stringify(Array.from({ length: count }, () => importEvent())),
  })
  return { status: response.status, text: await response.text() }
}

/** With the bytes in flight that a server has by default, and with so few that what was sent does not fit at all. */
test.each([
  ['/track', 1, 256 * mebibyte],
  ['/import', 1, 256 * mebibyte],
  ['/track', mebibyte, 8 * mebibyte],
  ['/import', mebibyte, 8 * mebibyte],
])(
  'to %s, each after %d bytes of 10 MB, of %d in flight: an honest client is let in',
  {
    timeout: 60_000,
  },
  async (path, sentBytes, bytesInFlightMax) => {
    server = await startIngestServer({ bytesInFlightMax })
    await Promise.all(Array.from({ length: stalledCount }, () => stall(path, sentBytes)))
    for (const count of [1, 500]) {
      const text = `{"code":200,"num_records_imported":${count},"status":"OK"}`
      expect(await importEvents(count)).toEqual({ status: 200, text })
    }
  },
)

test('a body that was cut is answered 503, with when to come back', { timeout: 60_000 }, async () => {
  server = await startIngestServer({ bytesInFlightMax: 4 * mebibyte })
  await stall('/import', mebibyte)
  const [first] = sockets
  let answer = ''
  first?.on('data', (data) => {
    answer += data
  })
  // Two do not fit: whichever of them came later, the first to come is cut by the one or the other.
  for (let index = 0; index < 3; index++) await stall('/import', mebibyte)
  await expect.poll(() => answer, { timeout: 30_000 }).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: 1\r\n/i)
  expect(server.stored).toEqual([])
})

/** 6 MB are worked on at once; half of it is one project's, which the third of these fills. */
test.each(['/track', '/import'])(
  'to %s, one project in masses, and what it sends is stuck: another is let in',
  {
    timeout: 60_000,
  },
  async (path) => {
    const stuck = Promise.withResolvers<void>()
    release = stuck.resolve
    const stored: number[] = []
    server = await startIngestServer({
      bytesInFlightMax: 8 * mebibyte,
      append: async ({ projectId }) => {
        if (projectId === acme.id) await stuck.promise
        stored.push(projectId)
      },
    })
    const statuses: number[] = []
    const masses = Array.from({ length: 30 }, async () => {
      const answer = await post(path, acme, 900)
      statuses.push(answer.status)
      if (answer.status === 503) expect(answer.headers.get('retry-after')).toBe('1')
    })
    await expect.poll(() => statuses.length, { timeout: 30_000 }).toBeGreaterThan(20)
    expect(new Set(statuses)).toEqual(new Set([503]))
    for (const count of [1, 900, 1, 900]) {
      expect((await post(path, other, count)).status).toBe(200)
    }
    expect(stored).toEqual([other.id, other.id, other.id, other.id])
    stuck.resolve()
    await Promise.all(masses)
    const accepted = statuses.filter((status) => status === 200)
    expect(accepted.length).toBeGreaterThanOrEqual(3)
    expect(stored.filter((id) => id === acme.id)).toHaveLength(accepted.length)
  },
)

test('what comes while others of its project wait stands unread, and is taken in whole when its turn comes', {
  timeout: 60_000,
}, async () => {
  const stuck = Promise.withResolvers<void>()
  release = stuck.resolve
  const counts: number[] = []
  let begun = 0
  // Six of these fill the project's half of what is worked on; one more waits, and sixteen may stand.
  server = await startIngestServer({
    bytesInFlightMax: 16 * mebibyte,
    standingMsMax: 60_000,
    append: async ({ count }) => {
      begun += 1
      await stuck.promise
      counts.push(count)
    },
  })
  const answers: Promise<Response>[] = []
  for (let sent = 1; sent <= 6; sent++) {
    answers.push(post('/import', acme, 900))
    await expect.poll(() => begun, { timeout: 30_000 }).toBe(sent)
  }
  for (let sent = 0; sent < 12; sent++) {
    answers.push(post('/import', acme, 900))
    // The first of them must have come whole before the others are to find that it waits.
    await sleep(sent === 0 ? 500 : 20)
  }
  expect(begun).toBe(6)
  stuck.resolve()
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses).toEqual(statuses.map(() => 200))
  expect(counts).toEqual(statuses.map(() => 900))
})
