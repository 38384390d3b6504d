/** Setting an installation up in the console: by whom, once, and with what left behind. */
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ConsoleSessions, createConsoleSessions } from '../../src/control/accounts/console-sessions.ts'
import { createProject, deleteProject } from '../../src/control/projects/manage-projects.ts'
import { issueSetupToken } from '../../src/control/projects/set-up.ts'
import { consoleCalls } from '../../src/http/console/console-calls.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { openConsolePage } from '../support/console-page.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const path = '/console/installation'
const clock = { ms: Date.parse('2024-03-01T20:00:00Z'), nowMs: () => clock.ms }

let database: TestDatabase
const apps: FastifyInstance[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  for (const app of apps) await app.close()
  await database.drop()
})
beforeEach(async () => {
  await database.pool.query('delete from project')
  await database.pool.query('delete from setup_token')
})

/** A process that serves the console, on the same database as the others. */
function startConsole(
  settings: { setupToken?: string; sessions?: ConsoleSessions; lines?: string[] } = {},
): FastifyInstance {
  const { lines } = settings
  const log = createLogger(lines === undefined ? 'silent' : 'trace', { write: (line) => lines?.push(line) })
  const app = fastify({ loggerInstance: log as FastifyBaseLogger })
  void app.register(
    consoleCalls({
      db: database.db,
      clock,
      sessions: settings.sessions ?? createConsoleSessions(database.db, clock, 3_600_000),
      signInsPerMinuteMax: 20,
      setupToken: settings.setupToken,
    }),
  )
  apps.push(app)
  return app
}

const shop = (setupToken: string) => ({
  setup_token: setupToken,
  name: 'shop',
  timezone: 'Europe/Berlin',
})

async function projects(): Promise<{ id: ProjectId; name: string; time_zone: string }[]> {
  const { rows } = await database.pool.query('select id, name, time_zone from project order by id')
  return rows
}

test('whoever has the token that a process has printed makes the first project, and is signed in to it', async () => {
  const page = openConsolePage(startConsole())
  const token = await issueSetupToken(database.db)
  expect(await page.get(path)).toEqual({ status: 200, json: { set_up: false } })
  const made = await page.send('POST', path, shop(token))
  expect(made).toEqual({
    status: 200,
    json: {
      project_id: expect.any(Number),
      token: expect.stringMatching(/^[0-9a-f]{32}$/),
      api_secret: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
  })
  expect(page.setCookie).toMatch(/^penstock=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/)
  const session = await page.get('/console/session')
  expect(session.json.projects).toMatchObject([
    { project_id: made.json.project_id, name: 'shop', timezone: 'Europe/Berlin', may_manage: true },
  ])
  expect(await page.get(path)).toEqual({ status: 200, json: { set_up: true } })
  const again = openConsolePage(startConsole())
  expect((await again.signIn({ secret: made.json.api_secret })).status).toBe(200)
})

test('a stranger without it makes nothing, however it is asked for', async () => {
  const page = openConsolePage(startConsole())
  const token = await issueSetupToken(database.db)
  const guesses = ['0'.repeat(32), token.toUpperCase(), `${token} `, token.slice(1)]
  for (const guess of guesses) {
    const refused = await page.send('POST', path, shop(guess))
    expect([refused.status, refused.json.error]).toEqual([401, expect.stringContaining('not known')])
    expect(JSON.stringify(refused.json)).not.toContain(token)
  }
  const { setup_token: _, ...without } = shop(token)
  expect((await page.send('POST', path, without)).status).toBe(400)
  expect(await projects()).toEqual([])
  expect((await page.send('POST', path, shop(token))).status).toBe(200)
})

test('of many who ask at once in several processes one gets it', async () => {
  const pages = [startConsole(), startConsole()].map((app) => openConsolePage(app))
  const tokens = [await issueSetupToken(database.db), await issueSetupToken(database.db)]
  const asked = Array.from({ length: 16 }, (_, place) =>
    // Each process knows the token of the other.
    pages[place % 2]?.send('POST', path, { ...shop(tokens[place < 8 ? 0 : 1] ?? ''), name: `shop ${place}` }),
  )
  const answers = await Promise.all(asked)
  expect(answers.map((answer) => answer?.status).sort()).toEqual([200, ...Array(15).fill(409)])
  expect(await projects()).toHaveLength(1)
})

test('a project that the command line is making is waited for, and then the set-up is closed', async () => {
  const page = openConsolePage(startConsole())
  const token = await issueSetupToken(database.db)
  const other = await database.pool.connect()
  await other.query('begin')
  await other.query(
    `insert into project (name, token, api_secret_hash, time_zone) values ('other', repeat('b', 32), sha256('b'), 'UTC')`,
  )
  const asked = page.send('POST', path, shop(token))
  const waiting = "select 1 from pg_locks where relation = 'project'::regclass and not granted"
  await expect.poll(async () => (await database.pool.query(waiting)).rowCount, { timeout: 10_000 }).toBe(1)
  await other.query('commit')
  other.release()
  expect((await asked).status).toBe(409)
  expect((await projects()).map(({ name }) => name)).toEqual(['other'])
})

test('a project of the command line closes it, and a token from before opens it never again', async () => {
  const page = openConsolePage(startConsole())
  const token = await issueSetupToken(database.db)
  const { projectId } = await createProject(database.db, { name: 'first', timeZone: 'UTC' })
  expect((await page.get(path)).json).toEqual({ set_up: true })
  expect((await page.send('POST', path, shop(token))).status).toBe(409)
  await deleteProject(database.db, projectId)
  expect((await page.get(path)).json).toEqual({ set_up: false })
  expect((await page.send('POST', path, shop(token))).status).toBe(401)
  expect((await page.send('POST', path, shop(await issueSetupToken(database.db)))).status).toBe(200)
})

test('the operator’s own token is good in place of those that are printed', async () => {
  const own = 'a-token-of-the-operators-own'
  const page = openConsolePage(startConsole({ setupToken: own }))
  expect((await page.send('POST', path, shop(await issueSetupToken(database.db)))).status).toBe(401)
  expect((await page.send('POST', path, shop(own))).status).toBe(200)
  expect((await page.send('POST', path, shop(own))).status).toBe(409)
})

test('of very many processes that were started without a project the newest tokens are good', async () => {
  const page = openConsolePage(startConsole())
  const first = await issueSetupToken(database.db)
  let last = ''
  for (let started = 0; started < 100; started++) last = await issueSetupToken(database.db)
  expect((await page.send('POST', path, shop(first))).status).toBe(401)
  expect((await page.send('POST', path, shop(last))).status).toBe(200)
})

test.each([
  ['a name that is too long', { name: 'x'.repeat(256) }, 'name has 1 to 255 characters'],
  ['a name of spaces', { name: '  ' }, 'name has 1 to 255 characters'],
  ['no name', { name: '' }, 'name is missing'],
  ['a zone that is none', { timezone: 'Mars/Olympus' }, 'is unknown; it must be an IANA name'],
  ['a parameter that is none', { nmae: 'x' }, 'did you mean name?'],
])('%s is refused, and the set-up stays open', async (_, wrong, said) => {
  const page = openConsolePage(startConsole())
  const token = await issueSetupToken(database.db)
  const refused = await page.send('POST', path, { ...shop(token), ...wrong })
  expect([refused.status, refused.json.error]).toEqual([400, expect.stringContaining(said)])
  expect(await projects()).toEqual([])
  const { timezone: _zone, ...inUtc } = shop(token)
  expect((await page.send('POST', path, inUtc)).status).toBe(200)
  expect((await projects())[0]?.time_zone).toBe('UTC')
})

test.each([
  ['without the header', { 'x-penstock-console': undefined }],
  ['of another site', { 'sec-fetch-site': 'cross-site' }],
  ['of another origin', { origin: 'https://evil.example' }],
])('a call %s makes nothing, though it has the token', async (_, headers) => {
  const page = openConsolePage(startConsole())
  const token = await issueSetupToken(database.db)
  expect((await page.send('POST', path, shop(token), headers)).status).toBe(403)
  expect(await projects()).toEqual([])
})

test('guesses are bounded by the minute, together with those at secrets', async () => {
  const page = openConsolePage(startConsole())
  const token = await issueSetupToken(database.db)
  const guess = () => page.send('POST', path, shop('0'.repeat(32)))
  for (let tried = 0; tried < 10; tried++) {
    expect((await guess()).status).toBe(401)
    expect((await page.signIn({ secret: '0'.repeat(32) })).status).toBe(401)
  }
  expect((await page.send('POST', path, shop(token))).status).toBe(429)
  clock.ms += 60_000
  expect((await page.send('POST', path, shop(token))).status).toBe(200)
})

test('the log says that it was tried and done and from where, and neither it nor the database has a secret', async () => {
  const lines: string[] = []
  const page = openConsolePage(startConsole({ lines }))
  const token = await issueSetupToken(database.db)
  const before = await database.pool.query('select token_hash from setup_token')
  expect(before.rows.map(({ token_hash: hash }) => hash.toString('latin1')).join()).not.toContain(token)
  await page.send('POST', path, shop('f'.repeat(32)))
  const { json } = await page.send('POST', path, shop(token))
  const logged = (text: string) => lines.map((line) => JSON.parse(line)).find(({ msg }) => msg.includes(text))
  expect(logged('unknown set-up token')).toMatchObject({ address: '127.0.0.1' })
  expect(logged('project was made')).toMatchObject({ project: json.project_id, address: '127.0.0.1' })
  for (const secret of [token, 'f'.repeat(32), json.api_secret, page.cookieValue])
    expect(lines.join()).not.toContain(secret)
})

test('the secret is told though nobody could be signed in: it is not told again', async () => {
  const away = { begin: () => Promise.reject(new Error('timeout exceeded when trying to connect')) }
  const sessions = { ...createConsoleSessions(database.db, clock, 3_600_000), ...away }
  const page = openConsolePage(startConsole({ sessions }))
  const made = await page.send('POST', path, shop(await issueSetupToken(database.db)))
  expect([made.status, page.setCookie]).toEqual([200, undefined])
  const other = openConsolePage(startConsole())
  expect((await other.signIn({ secret: made.json.api_secret })).status).toBe(200)
})
