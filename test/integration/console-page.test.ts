/** The console's page as `serve` gives it out: which addresses it has, and what a browser may do with it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageRoutes } from '../../src/http/console/page-routes.ts'
import { routerOptions } from '../../src/http/server.ts'

let folder: string
let app: FastifyInstance
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-page-'))
  const built = join(folder, 'built')
  await mkdir(join(built, 'assets'), { recursive: true })
  await writeFile(join(built, 'index.html'), '<!doctype html><title>Penstock</title>')
  await writeFile(join(built, 'assets', 'index-a1b2.js'), 'export {}')
  await writeFile(join(built, 'assets', 'index-a1b2.js.gz'), gzipSync('export {}'))
  app = fastify({ routerOptions })
  await app.register(pageRoutes([join(folder, 'not-there'), built]))
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const asksForPage = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test.each(['/', '/console', '/console/', '/console/pipelines/events-daily-s3-raw?by=day'])(
  '%s is the page',
  async (url) => {
    const answer = await app.inject({ url, headers: asksForPage })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toContain('text/html')
    expect(answer.headers['cache-control']).toBe('no-cache')
    expect(answer.body).toContain('<title>Penstock</title>')
  },
)

test('nothing but this server’s own files may run, be shown or be asked, and nobody may frame the page', async () => {
  const { headers } = await app.inject({ url: '/', headers: asksForPage })
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
  expect(policy).not.toContain('unsafe')
  expect(headers['x-content-type-options']).toBe('nosniff')
})

test('a file with a hash in its name is cached for good, and sent as small as the client takes it', async () => {
  const url = '/assets/index-a1b2.js'
  const plain = await app.inject({ url })
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(plain.body).toBe('export {}')
  const small = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
  expect(small.headers['content-encoding']).toBe('gzip')
  expect(small.headers['content-type']).toContain('javascript')
})

test.each(['/assets/../../secret', '/assets/%2e%2e/%2e%2e/secret', '/assets/none.js'])(
  '%s is no file of the page',
  async (url) => {
    await writeFile(join(folder, 'secret'), 'secret')
    const answer = await app.inject({ url })
    expect(answer.statusCode).toBe(404)
    expect(answer.body).not.toContain('<title>')
  },
)

test.each([
  ['/', 'GET / is not served here'],
  ['/console/projectz?secret=1', 'GET /console/projectz is not served here'],
])('%s is unknown to whoever asks for no page, in the words of every address that is', async (url, error) => {
  const answer = await app.inject({ url, headers: { accept: '*/*' } })
  expect([answer.statusCode, answer.json()]).toEqual([404, { error, status: 'error' }])
})

test('a clone that has not built the page says how to', async () => {
  const bare = fastify()
  await bare.register(pageRoutes([join(folder, 'not-there')]))
  const answer = await bare.inject({ url: '/', headers: asksForPage })
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toEqual({ error: expect.stringContaining('npm run build:web'), status: 'error' })
  await bare.close()
})
