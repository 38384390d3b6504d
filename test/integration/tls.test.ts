/** HTTPS by `PENSTOCK_TLS_CERT` and `PENSTOCK_TLS_KEY`, or by a proxy, and the cookie of the console over it. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate, writeCertificate } from '../support/certificate.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Env, penstock, penstockJson, startPenstock } from '../support/penstock-process.ts'

let folder: string
let database: TestDatabase
let env: Env
let certificate: { cert: string; key: string }
let secret: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-tls-'))
  database = await createTestDatabase()
  env = {
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_TLS_CERT: join(folder, 'cert.pem'),
    PENSTOCK_TLS_KEY: join(folder, 'key.pem'),
  }
  certificate = await makeCertificate('penstock')
  await writeCertificate(certificate, { cert: env.PENSTOCK_TLS_CERT ?? '', key: env.PENSTOCK_TLS_KEY ?? '' })
  const project = await penstockJson<{ api_secret: string }>(['project', 'create', '--name', 'shop'], env)
  secret = project.api_secret
})
afterAll(async () => {
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

async function health(port: string): Promise<number | undefined> {
  const ca = certificate.cert
  const asked = request({ host: '127.0.0.1', port, path: '/healthz', ca, agent: false }).end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  return answer.statusCode
}

interface SessionAnswer {
  status: number | undefined
  cookie: string | undefined
}

/** Calls /console/session as its page does. */
async function callSession(
  server: string,
  method: 'GET' | 'POST',
  headers: Record<string, string> = {},
): Promise<SessionAnswer> {
  const { protocol, hostname, port } = new URL(server)
  const options: RequestOptions = {
    ...{ method, host: hostname, port, path: '/console/session', agent: false },
    headers: { 'x-penstock-console': '1', 'content-type': 'application/json', ...headers },
  }
  const asked = protocol === 'https:' ? request({ ...options, ca: certificate.cert }) : requestHttp(options)
  asked.end(method === 'POST' ? JSON.stringify({ secret }) : undefined)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return { status: answer.statusCode, cookie: answer.headers['set-cookie']?.[0] }
}

/** A browser keeps a cookie of this name for this host alone, and only where it is Secure and for all paths. */
const secureCookie = /^__Host-penstock=([0-9a-f]{64}); Path=\/; HttpOnly; Secure; SameSite=Strict$/

/** The session is known by its cookie, and by none of the name that plain HTTP has. */
async function expectSecureSession(server: string, headers: Record<string, string> = {}): Promise<void> {
  const signedIn = await callSession(server, 'POST', headers)
  expect(signedIn).toEqual({ status: 200, cookie: expect.stringMatching(secureCookie) })
  const [, token = ''] = secureCookie.exec(signedIn.cookie ?? '') ?? []
  const known = (name: string) => callSession(server, 'GET', { ...headers, cookie: `${name}=${token}` })
  expect((await known('__Host-penstock')).status).toBe(200)
  expect((await known('penstock')).status).toBe(401)
}

test('serves HTTPS alone, on a kept-alive connection too, and ends it at SIGTERM', async () => {
  const server = await startPenstock(env)
  const { port, protocol } = new URL(server.url)
  expect(protocol).toBe('https:')
  expect(await health(port)).toBe(200)
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
  await expectSecureSession(server.url)
  // It needs no proxy's word, and none takes it away.
  await expectSecureSession(server.url, { 'x-forwarded-proto': 'http' })
  const kept = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false })
  kept.write('GET /healthz HTTP/1.1\r\nhost: penstock\r\n\r\n')
  await once(kept, 'data')
  const ended = once(kept, 'close')
  expect(await server.kill('SIGTERM'), server.log()).toBe(0)
  await ended
})

test('behind a proxy that is trusted and says https, the cookie is as over HTTPS; else as over HTTP', async () => {
  const { PENSTOCK_TLS_CERT: _cert, PENSTOCK_TLS_KEY: _key, ...plain } = env
  const trusting = await startPenstock({ ...plain, PENSTOCK_TRUSTED_PROXIES: 'loopback' })
  const host = 'penstock.example'
  const proxied = { host, 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' }
  await expectSecureSession(trusting.url, proxied)
  // Of a browser that tells only its page's origin.
  await expectSecureSession(trusting.url, { ...proxied, origin: `https://${host}` })
  expect(
    (await callSession(trusting.url, 'POST', { ...proxied, origin: 'https://evil.example' })).status,
  ).toBe(403)
  const withoutTls = await callSession(trusting.url, 'POST', { ...proxied, 'x-forwarded-proto': 'http' })
  expect(withoutTls.cookie).toMatch(/^penstock=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/)
  expect(await trusting.kill('SIGTERM'), trusting.log()).toBe(0)
})

test('one file without the other, a key of another certificate, a file that is not there: named, and not started', async () => {
  const ended = async (changes: Env) => await penstock(['serve'], { ...env, PENSTOCK_PORT: '0', ...changes })
  const { PENSTOCK_TLS_KEY: _key, ...onlyCert } = env
  const alone = await penstock(['serve'], { ...onlyCert, PENSTOCK_PORT: '0' })
  expect([alone.code, alone.stderr]).toEqual([
    2,
    expect.stringMatching(/^CONFIG_INVALID: .*PENSTOCK_TLS_CERT and PENSTOCK_TLS_KEY are set together/),
  ])
  const foreignKey = join(folder, 'foreign.pem')
  await writeFile(foreignKey, (await makeCertificate('foreign')).key)
  const foreign = await ended({ PENSTOCK_TLS_KEY: foreignKey })
  expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringMatching(/TLS_FILES_INVALID: .*key/)])
  await writeFile(join(folder, 'no.pem'), 'none')
  const none = await ended({ PENSTOCK_TLS_CERT: join(folder, 'no.pem') })
  expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/TLS_FILES_INVALID: .*no\.pem/)])
})
