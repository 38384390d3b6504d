/** How `serve` ends when it is asked to, and what it says when it can't begin. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SandboxPlace } from '../support/export-place.ts'
import { type Env, type RunningPenstock, spawnPenstock, startPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue } from '../support/tenant.ts'

let stage: ServingPlace
let folder: string
let place: SandboxPlace
let env: Env
beforeAll(async () => {
  stage = await openServingPlace('stop', {
    PENSTOCK_LOG_LEVEL: 'error',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    // Whatever needs the deadline to end does not end within this test.
    PENSTOCK_SHUTDOWN_SECONDS: '3600',
    PENSTOCK_RUN_LEASE_SECONDS: '3600',
  })
  ;({ folder, place, env } = stage)
})
afterAll(async () => {
  await stage?.close()
})

async function connectTo(server: RunningPenstock): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** What the server has sent by the time it ends the connection. */
async function readToEnd(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

/** A request of `/import` in two halves. */
function halvedRequest(secret: string): [string, string] {
  const properties = { time: Date.now() / 1000 - 60, distinct_id: 'u', $insert_id: 'in-flight' }
  const body = JSON.stringify([{ event: 'Half sent', properties }])
  const head = [
    'POST /import?strict=1 HTTP/1.1',
    'host: penstock',
    `authorization: ${basic(`${secret}:`)}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ].join('\r\n')
  return [`${head}\r\n\r\n${body.slice(0, 20)}`, body.slice(20)]
}

async function refusesConnections(server: RunningPenstock): Promise<boolean> {
  return await fetch(`${server.url}/healthz`).then(
    () => false,
    () => true,
  )
}

describe('at SIGTERM', { timeout: 60_000 }, () => {
  test('what is in flight is answered; connections that are owed nothing are ended; then it is over, with 0', async () => {
    const server = await startPenstock(env)
    const tenant = await createTenant({ env, server, place }, 'stopped')
    const [firstHalf, secondHalf] = halvedRequest(tenant.secret)
    const silent = await connectTo(server)
    const idle = await connectTo(server)
    idle.write('GET /healthz HTTP/1.1\r\nhost: penstock\r\n\r\n')
    await once(idle, 'data')
    const busy = await connectTo(server)
    busy.write(firstHalf)
    // The server has begun to read it when a later request of another connection is answered.
    expect(await refusesConnections(server)).toBe(false)

    const ended = server.kill('SIGTERM')
    expect([await readToEnd(silent), await readToEnd(idle)]).toEqual(['', ''])
    await expect.poll(() => refusesConnections(server)).toBe(true)
    busy.write(secondHalf)
    const answer = await readToEnd(busy)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(answer).toContain('"num_records_imported":1')
    expect(await ended, server.log()).toBe(0)
  })

  test('a connection that was busy and is kept alive does not hold it up', async () => {
    const server = await startPenstock(env)
    const tenant = await createTenant({ env, server, place }, 'kept-alive')
    const [firstHalf, secondHalf] = halvedRequest(tenant.secret)
    const socket = await connectTo(server)
    for (let request = 0; request < 3; request++) {
      socket.write(firstHalf + secondHalf)
      await once(socket, 'data')
    }
    expect(await server.kill('SIGTERM'), server.log()).toBe(0)
  })

  test('a second signal ends it at once, with 1', async () => {
    const server = await startPenstock(env)
    const tenant = await createTenant({ env, server, place }, 'twice')
    const socket = await connectTo(server)
    socket.on('error', () => undefined)
    socket.write(halvedRequest(tenant.secret)[0])
    expect(await refusesConnections(server)).toBe(false)
    process.kill(server.pid, 'SIGTERM')
    await expect.poll(() => refusesConnections(server)).toBe(true)
    expect(await server.kill('SIGTERM')).toBe(1)
    socket.destroy()
  })

  test('a run that takes too long is handed back, and the next process finishes it without waiting', async () => {
    const impatient = { ...env, PENSTOCK_SHUTDOWN_SECONDS: '2' }
    const server = await startPenstock(impatient)
    const tenant = await createTenant({ env, server, place }, 'handed back')
    const dates = datesOverAndDue(1)
    await tenant.sendEvents(dates)
    await place.control.fault({ action: 'PutObject', key: 'part-', delay_ms: 600_000, times: 1 })
    const name = await tenant.pipelines.create(tenant.request(dates[0] ?? ''))
    const strikes = async () => (await place.control.inFlight()).filter(({ fault }) => fault).length
    await expect.poll(strikes, { timeout: 30_000 }).toBe(1)
    expect(await server.kill('SIGTERM'), server.log()).toBe(0)
    await place.control.clearFaults()

    const next = await startPenstock(env)
    const { call } = pipelinesClient(next.url, tenant.secret)
    await expect
      .poll(async () => Object.keys((await call(`status?name=${name}`)).json), { timeout: 40_000 })
      .toEqual(['succeeded'])
    expect(await next.kill('SIGTERM'), next.log()).toBe(0)
  })
})

describe('a start that fails ends with 1, and says what to change', { timeout: 60_000 }, () => {
  const starting = async (changes: Env): Promise<string> => {
    const server = spawnPenstock({ ...env, ...changes })
    expect(await server.ended).toBe(1)
    expect(server.log()).not.toContain('    at ')
    return server.log().trim()
  }

  test('a store below something that is no folder', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    const said = await starting({ PENSTOCK_STORE_URL: `file://${file}/events` })
    expect(said).toMatch(
      new RegExp(`^STORE_UNUSABLE: event store at ${file}/events: ENOTDIR: .*PENSTOCK_STORE_URL`),
    )
  })

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const said = await starting({ PENSTOCK_PORT: String(port) })
    expect(said).toMatch(new RegExp(`^LISTEN_FAILED: port ${port} of 127.0.0.1 is taken by another process`))
    other.close()
  })

  test('a host that this machine is not', async () => {
    expect(await starting({ PENSTOCK_HOST: '192.0.2.1' })).toMatch(
      /^LISTEN_FAILED: .*no network interface.*PENSTOCK_HOST/,
    )
  })

  test('a database that nobody answers for', async () => {
    expect(await starting({ PENSTOCK_DATABASE_URL: 'postgres://u:sesame@127.0.0.1:1/d' })).toMatch(
      /^DATABASE_UNREACHABLE: (?!.*sesame)/,
    )
  })

  test.each([2, 8, 20, 40])('a database that goes away after %d messages to it', async (messages) => {
    const gate = await openBreakingGate(env.PENSTOCK_DATABASE_URL ?? '', messages)
    const server = spawnPenstock({ ...env, PENSTOCK_DATABASE_URL: gate.url })
    expect(await server.ended).toBe(1)
    // Beside what is logged of connections, before it and after it.
    const said = server
      .log()
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('{'))
    expect(said).toEqual([expect.stringMatching(/^DATABASE_UNREACHABLE: /)])
    gate.close()
  })
})

/** A way to a database that breaks, and lets nobody through any more, with the message of that number. */
async function openBreakingGate(databaseUrl: string, messages: number) {
  const url = new URL(databaseUrl)
  const [host, port] = [url.hostname, Number(url.port)]
  const sockets = new Set<Socket>()
  let passed = 0
  const breaking = (): boolean => passed >= messages
  const gate = createServer((near) => {
    const far = connect(port, host)
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
    near.on('data', (chunk) => {
      passed += 1
      if (breaking()) for (const socket of sockets) socket.destroy()
      else far.write(chunk)
    })
    far.pipe(near)
    near.on('close', () => far.destroy())
  }).listen(0, '127.0.0.1')
  await once(gate, 'listening')
  url.host = `127.0.0.1:${(gate.address() as { port: number }).port}`
  return { url: url.href, close: () => gate.close() }
}
