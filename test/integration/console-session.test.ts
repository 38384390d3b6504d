/** Signing in at the console: what the cookie opens, to whom, until when, and which pages may use it. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type CreatedAccount,
  createAccount,
  deleteAccount,
  grantRole,
} from '../../src/control/accounts/manage-accounts.ts'
import { type CreatedProject, rotateSecret } from '../../src/control/projects/manage-projects.ts'
import { type ConsolePage, openConsolePage } from '../support/console-page.ts'
import { base, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

const hourMs = 3_600_000

let server: PipelineServer
let acme: CreatedProject
let globex: CreatedProject
let page: ConsolePage
beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
})
afterAll(() => server.close())
beforeEach(async () => {
  acme = await server.project('Europe/Berlin')
  globex = await server.project()
  page = openConsolePage(server.app)
  // The next minute: attempts are counted by the minute.
  server.clock.ms += 60_000
})

test('a project’s secret opens that project, and a reload knows it', async () => {
  const signedIn = await page.signIn({ secret: acme.apiSecret })
  expect(signedIn).toEqual({
    status: 200,
    json: {
      username: null,
      projects: [
        {
          project_id: acme.projectId,
          name: 'a project',
          token: acme.token,
          timezone: 'Europe/Berlin',
          role: 'secret',
          may_manage: true,
        },
      ],
      expires_at: new Date(server.clock.ms + 12 * hourMs).toISOString(),
    },
  })
  expect(await page.get('/console/session')).toEqual(signedIn)
  expect((await page.get(`${base}/jobs`)).json).toEqual({ [acme.projectId]: [] })
})

test('the cookie is out of reach of scripts and of other sites, and over HTTPS of plain HTTP', async () => {
  await page.signIn({ secret: acme.apiSecret })
  expect(page.setCookie).toMatch(/^penstock=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/)
  const secure = openConsolePage(server.app, { 'x-forwarded-proto': 'https' })
  await secure.signIn({ secret: acme.apiSecret })
  // Nobody has said that the proxy is to be believed.
  expect(secure.setCookie).toMatch(/^penstock=/)
})

test('nothing of the secret or the cookie is in the database', async () => {
  await page.signIn({ secret: acme.apiSecret })
  const { rows } = await server.database.pool.query('select * from console_session')
  const text = rows.map((row) =>
    JSON.stringify(row, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString() : value,
    ),
  )
  expect(text.join()).not.toContain(acme.apiSecret)
  expect(text.join()).not.toContain(page.cookieValue)
})

test('a session sees nothing of another project', async () => {
  await page.signIn({ secret: acme.apiSecret })
  const refused = await page.get(`${base}/jobs?project_id=${globex.projectId}`)
  expect(refused.status).toBe(403)
})

test('what is not known opens nothing, and a token least of all', async () => {
  for (const secret of ['0'.repeat(32), acme.token, 'x']) {
    const refused = await page.signIn({ secret })
    expect(refused.status).toBe(401)
    expect(page.setCookie).toBeUndefined()
  }
  expect((await page.get('/console/session')).status).toBe(401)
  const forged = openConsolePage(server.app, { cookie: `penstock=${'0'.repeat(64)}` })
  expect((await forged.get(`${base}/jobs`)).status).toBe(401)
})

test('signing out ends the session for whoever has the cookie', async () => {
  await page.signIn({ secret: acme.apiSecret })
  const copy = openConsolePage(server.app, { cookie: `penstock=${page.cookieValue}` })
  expect((await copy.get('/console/session')).status).toBe(200)
  expect(await page.send('DELETE', '/console/session')).toEqual({ status: 200, json: { status: 'ok' } })
  expect((await copy.get('/console/session')).status).toBe(401)
  expect((await copy.get(`${base}/jobs`)).status).toBe(401)
  expect((await page.send('DELETE', '/console/session')).status).toBe(200)
})

test('a session lasts as long after its last call as the setting says, and no longer', async () => {
  await page.signIn({ secret: acme.apiSecret })
  server.clock.ms += 11 * hourMs
  expect((await page.get(`${base}/jobs`)).status).toBe(200)
  server.clock.ms += 11 * hourMs
  expect((await page.get(`${base}/jobs`)).status).toBe(200)
  server.clock.ms += 12 * hourMs
  expect((await page.get(`${base}/jobs`)).status).toBe(401)
})

test('a rotated secret ends its sessions', async () => {
  await page.signIn({ secret: acme.apiSecret })
  await rotateSecret(server.database.db, acme.projectId)
  expect((await page.get('/console/session')).status).toBe(401)
  expect((await page.get(`${base}/jobs`)).status).toBe(401)
})

test('a service account sees its projects with its roles, manages what they allow, and goes with its deletion', async () => {
  const name = `Night export ${acme.projectId}`
  const account: CreatedAccount = await createAccount(server.database.db, name)
  await grantRole(server.database.db, name, { projectId: acme.projectId, role: 'admin' })
  await grantRole(server.database.db, name, { projectId: globex.projectId, role: 'analyst' })
  const signedIn = await page.signIn(account)
  expect(signedIn.json.username).toBe(account.username)
  expect(signedIn.json.projects).toMatchObject([
    { project_id: acme.projectId, role: 'admin', may_manage: true },
    { project_id: globex.projectId, role: 'analyst', may_manage: false },
  ])
  expect((await page.get(`${base}/jobs`)).status).toBe(400)
  expect((await page.get(`${base}/jobs?project_id=${acme.projectId}`)).status).toBe(200)
  expect((await page.get(`${base}/jobs?project_id=${globex.projectId}`)).status).toBe(403)
  await deleteAccount(server.database.db, name)
  expect((await page.get('/console/session')).status).toBe(401)
})

test.each([
  ['without the header', { 'x-penstock-console': undefined }],
  ['of another site', { 'sec-fetch-site': 'cross-site' }],
  ['of another host of the same site', { 'sec-fetch-site': 'same-site' }],
  ['of another origin', { origin: 'https://evil.example' }],
  ['of a page without an origin', { origin: 'null' }],
])('a changing call %s is refused and changes nothing', async (_, headers) => {
  await page.signIn({ secret: acme.apiSecret })
  const call = () => page.send('POST', `${base}/pause`, { name: 'none' }, headers)
  expect((await call()).status).toBe(403)
  expect((await page.send('POST', '/console/session', { secret: acme.apiSecret }, headers)).status).toBe(403)
  expect((await page.send('DELETE', '/console/session', undefined, headers)).status).toBe(403)
  expect((await page.get('/console/session')).status).toBe(200)
})

test.each([
  ['of its own page', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:80' }],
  ['of a browser that tells only an origin', { origin: 'http://localhost:80' }],
])('a changing call %s is done', async (_, headers) => {
  await page.signIn({ secret: acme.apiSecret })
  // There is no such pipeline: it was looked for.
  expect((await page.send('POST', `${base}/pause`, { name: 'none' }, headers)).status).toBe(404)
})

test('Basic credentials need none of that, also beside a cookie', async () => {
  await page.signIn({ secret: acme.apiSecret })
  const answer = await server.call(globex.apiSecret, 'jobs')
  expect(answer.json).toEqual({ [globex.projectId]: [] })
})

test('a browser shows no dialogue of its own for a page’s calls, and curl is told how to sign in', async () => {
  const refused = await server.app.inject({
    url: '/console/session',
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  expect(refused.headers['www-authenticate']).toBeUndefined()
  const curl = await server.app.inject({ url: `${base}/jobs` })
  expect(curl.headers['www-authenticate']).toContain('Basic')
})

test('attempts to sign in are bounded by the minute', async () => {
  const attempts = await Array.fromAsync({ length: 21 }, () => page.signIn({ secret: '0'.repeat(32) }))
  expect(attempts.map(({ status }) => status)).toEqual([...Array(20).fill(401), 429])
  expect((await page.signIn({ secret: acme.apiSecret })).status).toBe(429)
  server.clock.ms += 60_000
  expect((await page.signIn({ secret: acme.apiSecret })).status).toBe(200)
})
