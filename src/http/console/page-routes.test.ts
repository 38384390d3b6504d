import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { pageRoutes } from './page-routes.ts'

let app: FastifyInstance | undefined
const folders: string[] = []
afterEach(async () => {
  await app?.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function serve(files: Record<string, string>): Promise<FastifyInstance> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-page-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  app = fastify()
  await app.register(pageRoutes([join(folder, 'not-there'), folder]))
  return app
}

const browser = { accept: 'text/html,application/xhtml+xml' }
const built = { 'index.html': '<!doctype html><title>Penstock</title>' }

test.each(['/', '/console', '/console/projects/1/pipelines'])(
  '%s is the page to a browser, from the first folder that has one',
  async (url) => {
    const answer = await (await serve(built)).inject({ url, headers: browser })
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('<title>Penstock</title>')
  },
)

test.each([
  ['/', 'GET / is not served here'],
  ['/console/projectz?secret=1', 'GET /console/projectz is not served here'],
])('%s is unknown to whoever asks for no page', async (url, error) => {
  const answer = await (await serve(built)).inject({ url, headers: { accept: '*/*' } })
  expect([answer.statusCode, answer.json()]).toEqual([404, { error, status: 'error' }])
})

test('a page that is not built is told with the command that builds it', async () => {
  const answer = await (await serve({})).inject({ url: '/', headers: browser })
  expect(answer.statusCode).toBe(404)
  expect(answer.json().error).toContain('npm run build:web')
})
