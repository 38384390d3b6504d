import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { runCli } from '../../src/cli/run-cli.ts'
import { createAccountDirectory } from '../../src/control/accounts/account-directory.ts'
import {
  type CreatedAccount,
  createAccount,
  deleteAccount,
  grantRole,
  listAccounts,
  revokeRole,
} from '../../src/control/accounts/manage-accounts.ts'
import { type Role, roles } from '../../src/control/accounts/roles.ts'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import type { ProjectId } from '../../src/ids.ts'
import { startIngestServer } from '../support/ingest-server.ts'
import {
  base,
  basic,
  fineRequest,
  type PipelineServer,
  startPipelineServer,
} from '../support/pipeline-server.ts'

/** Two seconds later nothing is remembered any more. */
const laterMs = 2001

let server: PipelineServer
let acme: CreatedProject
let globex: CreatedProject
let account: CreatedAccount
let name: string
beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
})
afterAll(() => server.close())
beforeEach(async () => {
  acme = await server.project()
  globex = await server.project()
  name = `Night export ${acme.projectId}`
  account = await createAccount(server.database.db, name)
})

const grant = (role: Role, { projectId }: CreatedProject = acme) =>
  grantRole(server.database.db, name, { projectId, role })

async function ask(call: string, form?: Record<string, string>, secret = account.secret) {
  const response = await server.app.inject({
    method: form === undefined ? 'GET' : 'POST',
    url: `${base}/${call}`,
    headers: { authorization: basic(`${account.username}:${secret}`) },
    ...(form === undefined ? {} : { payload: form }),
  })
  return { status: response.statusCode, json: response.json() }
}

const ofAcme = () => ({ project_id: String(acme.projectId) })

test.each(roles)('as %s of a project: owner and admin manage its pipelines, others do not', async (role) => {
  await grant(role)
  const created = await ask('create', { ...fineRequest, ...ofAcme() })
  const mayManage = role === 'owner' || role === 'admin'
  expect(created.status).toBe(mayManage ? 200 : 403)
  if (!mayManage) expect(created.json.error).toContain(`is ${role} of project ${acme.projectId}`)
  expect((await ask(`jobs?project_id=${acme.projectId}`)).status).toBe(mayManage ? 200 : 403)
})

test('the project may be named in the query or in the body, and must be named', async () => {
  await grant('admin')
  expect((await ask('create', { ...fineRequest, ...ofAcme() })).status).toBe(200)
  const inQuery = await ask(`pause?project_id=${acme.projectId}`, { name: 'events-daily-s3-raw' })
  expect(inQuery.status).toBe(200)
  const missing = await ask('jobs')
  expect(missing).toMatchObject({
    status: 400,
    json: { error: expect.stringContaining('project_id is missing') },
  })
})

test("a project without a role is answered like one that isn't there", async () => {
  await grant('owner')
  const foreign = await ask(`jobs?project_id=${globex.projectId}`)
  const unknown = await ask('jobs?project_id=987654')
  expect(foreign.status).toBe(403)
  expect(foreign.json.error.replace(String(globex.projectId), '987654')).toBe(unknown.json.error)
})

test('an unknown user name, a wrong secret and somebody else’s secret are 401, all in the same words', async () => {
  await grant('owner')
  const other = await createAccount(server.database.db, `other ${acme.projectId}`)
  const answers = [
    await ask(`jobs?project_id=${acme.projectId}`, undefined, other.secret),
    await ask(`jobs?project_id=${acme.projectId}`, undefined, 'f'.repeat(32)),
    await ask(`jobs?project_id=${acme.projectId}`, undefined, acme.apiSecret),
  ]
  for (const answer of answers) expect(answer).toEqual({ status: 401, json: answers[0]?.json })
})

test('a role that was taken away or changed, and a deleted account, count within two seconds', async () => {
  await grant('admin')
  const jobs = async () => (await ask(`jobs?project_id=${acme.projectId}`)).status
  const { db } = server.database
  expect(await jobs()).toBe(200)
  await grant('consumer')
  server.clock.ms += laterMs
  expect(await jobs()).toBe(403)
  await grant('owner')
  server.clock.ms += laterMs
  expect(await jobs()).toBe(200)
  await revokeRole(db, name, acme.projectId)
  server.clock.ms += laterMs
  expect(await jobs()).toBe(403)
  await deleteAccount(db, account.username)
  server.clock.ms += laterMs
  expect(await jobs()).toBe(401)
})

test('accounts are listed with their roles, names are unique, and no secret is kept', async () => {
  await grant('admin')
  await grant('analyst', globex)
  const { db } = server.database
  const listed = (await listAccounts(db)).find(({ username }) => username === account.username)
  expect(listed).toEqual({
    name,
    username: account.username,
    roles: [
      { projectId: acme.projectId, role: 'admin' },
      { projectId: globex.projectId, role: 'analyst' },
    ],
  })
  expect(account.username).toMatch(/^night-export-\d+\.[0-9a-f]{6}\.mp-service-account$/)
  const rows = await db.selectFrom('service_account').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(account.secret)
  await expect(createAccount(db, ` ${name} `)).rejects.toMatchObject({ code: 'SERVICE_ACCOUNT_NAME_TAKEN' })
  await expect(createAccount(db, '  ')).rejects.toMatchObject({ code: 'SERVICE_ACCOUNT_NAME_INVALID' })
  await expect(deleteAccount(db, 'nobody')).rejects.toMatchObject({ code: 'SERVICE_ACCOUNT_UNKNOWN' })
  const nowhere = { projectId: 987_654 as ProjectId, role: 'owner' as const }
  await expect(grantRole(db, name, nowhere)).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' })
  expect((await createAccount(db, `日本 ${acme.projectId}`)).username).toMatch(/^\d+\./)
})

test('/import takes an owner or admin with project_id, and nobody else', async () => {
  const ingest = await startIngestServer({
    accounts: createAccountDirectory(server.database.db, server.clock),
  })
  const send = async (query: string, secret = account.secret) => {
    const properties = { time: Math.floor(Date.now() / 1000), distinct_id: 'ann', $insert_id: 'i-1' }
    const response = await fetch(`${ingest.url}/import?strict=1${query}`, {
      method: 'POST',
      headers: {
        authorization: basic(`${account.username}:${secret}`),
        'content-type': 'application/json',
      },
      body: JSON.stringify([{ event: 'Viewed', properties }]),
    })
    return { status: response.status, text: await response.text() }
  }
  try {
    await grant('owner')
    await grant('analyst', globex)
    expect(await send(`&project_id=${acme.projectId}`)).toMatchObject({ status: 200 })
    expect(await send('')).toMatchObject({ status: 401, text: expect.stringContaining('project_id') })
    expect((await send(`&project_id=${globex.projectId}`)).status).toBe(401)
    expect((await send('&project_id=987654')).status).toBe(401)
    expect((await send(`&project_id=${acme.projectId}`, 'f'.repeat(32))).status).toBe(401)
    expect(ingest.stored).toHaveLength(1)
  } finally {
    await ingest.close()
  }
})

test('from a terminal: create, grant, list, revoke and delete', async () => {
  const out: string[] = []
  vi.spyOn(console, 'log').mockImplementation((text) => void out.push(String(text)))
  vi.spyOn(console, 'error').mockReturnValue(undefined)
  vi.stubEnv('PENSTOCK_DATABASE_URL', server.database.url)
  try {
    const penstock = (...args: string[]) => runCli(['service-account', ...args, '--json'])
    const project = ['--project', String(acme.projectId)]
    const other = `Reports ${acme.projectId}`
    expect(await penstock('create', '--name', other)).toBe(0)
    const { username, secret } = JSON.parse(out[0] ?? '')
    expect(secret).toMatch(/^[0-9a-f]{32}$/)
    expect(await penstock('grant', '--name', other, ...project, '--role', 'boss')).toBe(2)
    expect(await penstock('grant', '--name', username, ...project, '--role', 'admin')).toBe(0)
    await penstock('list')
    expect(JSON.parse(out.at(-1) ?? '')).toContainEqual({
      name: other,
      username,
      roles: [{ project_id: acme.projectId, role: 'admin' }],
    })
    expect(await penstock('revoke', '--name', other, ...project)).toBe(0)
    expect(await penstock('delete', '--name', other)).toBe(0)
    expect(await penstock('delete', '--name', other)).toBe(2)
  } finally {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  }
})
