/**
 * No secret of a whole run gets to where somebody may read it.
 *
 * 1. A serving Penstock, logging all that it can, exports for one customer; another customer's role may not put; a stranger
 *    and a service account call; the connection test and the set-up are asked for. Everything towards AWS passes a recorder.
 * 2. Commands run with the right AWS identity and with a wrong one.
 * 3. What the processes wrote, all rows of all tables, every file of the data directory and every HTTP answer are searched
 *    for every secret: Penstock's own keys, sessions' keys and tokens, signatures, credentials of projects and accounts.
 * 4. Each secret is planted in each of these places: the search finds it there, or its silence would prove nothing.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findLeaks, formsOf } from '../support/find-leaks.ts'
import { penstock, penstockJson, type RunningPenstock } from '../support/penstock-process.ts'
import { base, basic } from '../support/pipeline-server.ts'
import { type RecordingAws, startRecordingAws } from '../support/recording-aws.ts'
import { exporter } from '../support/sandbox-world.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue } from '../support/tenant.ts'

const wrongSecret = 'wrong-secret-of-the-operator-0001'
const dates = datesOverAndDue(2)

let stage: ServingPlace
let aws: RecordingAws
let server: RunningPenstock
let env: Record<string, string>
/** What somebody may read, by where. */
const readable = new Map<string, string>()
const secrets = new Map<string, string>()

beforeAll(async () => {
  stage = await openServingPlace('no-secrets', { PENSTOCK_LOG_LEVEL: 'trace' })
  aws = await startRecordingAws(stage.env.AWS_ENDPOINT_URL ?? '')
  env = { ...stage.env, AWS_ENDPOINT_URL: aws.url }
  server = await stage.start({ AWS_ENDPOINT_URL: aws.url })
})
afterAll(async () => {
  await server?.kill('SIGTERM')
  await aws?.close()
  await stage?.close()
})

async function call(path: string, credentials: string, form?: Record<string, string>): Promise<void> {
  const answer = await fetch(`${server.url}${path}`, {
    method: form === undefined ? 'GET' : 'POST',
    headers: { authorization: basic(credentials) },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  })
  const told = `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`
  readable.set(`answer ${readable.size} of ${path}`, told)
}

async function allRows(): Promise<string> {
  const { pool } = stage.database
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select each::text as row from ${name} each`)
    found.push(...rows.map(({ row }) => `${name} ${row}`))
  }
  return found.join('\n')
}

async function allFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')),
  )
  return texts.join('\n')
}

test('no secret is in output, tables, files or answers', async () => {
  const { place } = stage
  const surroundings = { env, server, place }
  const acme = await createTenant(surroundings, 'acme')
  const globex = await createTenant(surroundings, 'globex')
  const account = await penstockJson<{ username: string; secret: string }>(
    ['service-account', 'create', '--name', 'robot'],
    env,
  )
  for (const [name, secret] of [
    ["the operator's key", exporter.secretAccessKey],
    ['a wrong key', wrongSecret],
    ["acme's API secret", acme.secret],
    ["globex's API secret", globex.secret],
    ["the service account's secret", account.secret],
    ["the database's password", new URL(stage.database.url).password],
  ] as const)
    secrets.set(name, secret)

  for (const tenant of [acme, globex]) await tenant.sendEvents(dates)
  await place.changeWorld(({ roles }) => {
    const role = roles.find(({ arn }) => arn === globex.account.role)
    if (role !== undefined) role.policies = []
  })
  const [fromDate = ''] = dates
  const fine = await acme.pipelines.create(acme.request(fromDate))
  expect(Object.keys(await acme.pipelines.settled(fine))).toEqual(['succeeded'])
  const denied = await globex.pipelines.create({ ...globex.request(fromDate), skip_check: 'true' })
  expect(Object.keys(await globex.pipelines.settled(denied))).toEqual(['failed'])

  const { s3_bucket = '', s3_region = '', s3_role = '', s3_prefix = '' } = globex.request(fromDate)
  const destination = { s3_bucket, s3_region, s3_role, s3_prefix }
  for (const credentials of [
    `${acme.secret}:`,
    `${globex.secret}:`,
    `${account.username}:${account.secret}`,
  ]) {
    await call(`${base}/jobs`, credentials)
    await call(`${base}/status?name=${fine}`, credentials)
    await call(`${base}/setup?s3_bucket=${s3_bucket}&s3_region=${s3_region}`, credentials)
    await call(`${base}/test`, credentials, destination)
    await call(`${base}/create`, credentials, { ...globex.request(fromDate), s3_prefix: 'again' })
  }
  for (const path of ['/metrics', '/healthz', '/readyz']) await call(path, '')

  const project = String(globex.projectId)
  const check = ['check', 'aws', '--project', project, '--bucket', s3_bucket, '--region', s3_region]
  const ownFaults = { ...env, AWS_SECRET_ACCESS_KEY: wrongSecret }
  for (const [name, given] of [
    ['the right identity', env],
    ['a wrong identity', ownFaults],
  ] as const) {
    for (const command of [[...check, '--role', s3_role], ['check'], ['project', 'list']]) {
      const { stdout, stderr } = await penstock(command, given)
      readable.set(`penstock ${command.join(' ')} with ${name}`, `${stdout}${stderr}`)
    }
  }

  await server.kill('SIGTERM')
  readable.set('the log', server.log())
  readable.set('the tables', await allRows())
  readable.set('the data directory', await allFiles(env.PENSTOCK_DATA_DIR ?? ''))
  for (const secret of aws.secrets) secrets.set(`passed by: ${secret.slice(0, 8)}…`, secret)

  // Of each kind there were some, and what is searched was there.
  expect(aws.secrets.size).toBeGreaterThan(20)
  expect(readable.get('the log')).toContain('S3_LIST_DENIED')
  expect(readable.get('the tables')).toContain('S3_LIST_DENIED')
  expect(readable.get('the tables')).toContain(acme.token)
  expect(findLeaks(readable, secrets)).toEqual([])
}, 180_000)

test('the search finds each of these secrets, in each of its forms, in each of these places', async () => {
  const places = [...readable.keys()]
  for (const [name, secret] of secrets) {
    for (const form of formsOf(secret)) {
      const planted = places.map((place) => [place, `${readable.get(place)} ${form} `] as const)
      const found = findLeaks(new Map(planted), new Map([[name, secret]]))
      expect(found).toEqual(places.map((place) => `${name} in ${place}`))
    }
  }
}, 120_000)

test('rows and files are read as they are: what is planted in them is found', async () => {
  const key = "the operator's key"
  const apiSecret = "acme's API secret"
  const { pool } = stage.database
  await pool.query('create table planted (note jsonb)')
  await pool.query('insert into planted values ($1)', [JSON.stringify({ deep: [secrets.get(key)] })])
  const folder = join(env.PENSTOCK_DATA_DIR ?? '', 'planted', 'deep')
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'note'),
    Buffer.concat([randomBytes(99), Buffer.from(secrets.get(apiSecret) ?? '')]),
  )
  const looked = new Map([
    ['the tables', await allRows()],
    ['the data directory', await allFiles(env.PENSTOCK_DATA_DIR ?? '')],
  ])
  expect(findLeaks(looked, secrets)).toEqual([`${key} in the tables`, `${apiSecret} in the data directory`])
})
