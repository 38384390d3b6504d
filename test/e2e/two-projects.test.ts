/**
 * Two projects of one Penstock, that export to the accounts of two customers: nothing of one shows or reaches anything of
 * the other (invariant 7).
 *
 * 1. Acme and Globex send events, among them the same event with the same ids, and events with each other's token.
 * 2. Acme's days are exported. Globex calls all that there is to call, also with Acme's ids and names.
 * 3. Globex asks for an export by Acme's role into Acme's bucket, which it has got to know.
 * 4. The owners read their buckets; the sandbox's log tells who wrote where.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunningPenstock } from '../support/penstock-process.ts'
import { base, basic } from '../support/pipeline-server.ts'
import type { SandboxControl } from '../support/sandbox-control.ts'
import { type ShapedPlace, shapes } from '../support/shapes.ts'
import { storeBucket, storeKeys } from '../support/store-sandbox.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const dates = datesOverAndDue(2)
const [fromDate = '', toDate = ''] = dates
const noon = Date.parse(fromDate) / 1000 + 43_200

let stage: ShapedPlace
let server: RunningPenstock
let acme: Tenant
let globex: Tenant
/** What only Acme and those it told may know. */
let ofAcme: string[]
let acmePipelines: string[]

describe.each(shapes)('$name', (shape) => {
  beforeAll(async () => {
    stage = await shape.open('two-projects', {
      PENSTOCK_LOG_LEVEL: 'trace',
      // What comes after the first export stays out until the last: no sync may change what is looked at between.
      PENSTOCK_SYNC_DAYS_MAX: '0',
      PENSTOCK_SCHEDULER_INTERVAL_MS: '200',
    })
    const { env, place } = stage
    server = await stage.start()
    acme = await createTenant({ env, server, place }, 'acme')
    globex = await createTenant({ env, server, place }, 'globex')
    const { token, secret, account } = acme
    ofAcme = ['acme', token, secret, account.id, account.bucketName, account.role, account.kmsKey]

    for (const tenant of [acme, globex]) await tenant.sendEvents(dates)
    const daily = await acme.pipelines.create({ ...acme.request(fromDate), s3_encryption: 'aes' })
    const dated = { ...acme.request(fromDate), to_date: toDate, s3_prefix: 'acme-again' }
    acmePipelines = [daily, await acme.pipelines.create(dated)]
    for (const name of acmePipelines) {
      expect(Object.keys(await acme.pipelines.settled(name))).toEqual(['succeeded'])
    }
    // The scheduler looks at each pipeline once more after it was made, and then not for an hour.
    const waiting = async () => {
      const { rows } = await stage.database.pool.query('select 1 from pipeline where next_sync_at < now()')
      return rows.length
    }
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 30_000, interval: 100 })
  })
  afterAll(async () => {
    await server?.kill('SIGTERM')
    await stage?.close()
  })

  test('events go to the project of the credentials or of the token, whatever else they name', async () => {
    const event = (id: string, more: object = {}) => ({
      event: 'Order paid',
      properties: { time: noon, distinct_id: 'u1', $insert_id: id, ...more },
    })
    // The same event of both, which is none twice.
    for (const tenant of [acme, globex]) {
      const events = JSON.stringify([event('same', { of: tenant.projectId })])
      expect((await hear('POST', '/import?strict=1', `${tenant.secret}:`, events)).status).toBe(200)
    }
    const smuggled = JSON.stringify([event('smuggled', { token: acme.token, project_id: acme.projectId })])
    expect((await hear('POST', '/import?strict=1', `${globex.secret}:`, smuggled)).status).toBe(200)
    const foreign = `/import?strict=1&project_id=${acme.projectId}`
    expect(
      (await hear('POST', foreign, `${globex.secret}:`, JSON.stringify([event('foreign')]))).status,
    ).toBe(401)
    const mixed = [
      event('tracked-acme', { token: acme.token }),
      event('tracked-globex', { token: globex.token }),
    ]
    const data = new URLSearchParams({ data: JSON.stringify(mixed) }).toString()
    expect((await hear('POST', '/track?verbose=1', '', data)).text).toContain('"status":1')
  })

  test('no call shows anything of the other project, or changes it', async () => {
    // The scheduler looks for late events once more, and says when it does next: that is no call's doing.
    const nextSync = async () =>
      (await everything()).pipelines.map((row) => Number(row.next_sync_at) % 3_600_000)
    await expect.poll(nextSync, { timeout: 60_000 }).toEqual([0, 0])
    const before = await everything()
    const name = await globex.pipelines.create({
      ...globex.request(fromDate),
      s3_encryption: 'kms',
      s3_kms_key_id: globex.account.kmsKey,
    })
    const own = `${globex.secret}:`
    const heard: Heard[] = []
    for (const project of ['', `project_id=${globex.projectId}`]) {
      for (const call of [
        'jobs',
        `status?name=${name}`,
        `status?name=${name}&summary=true`,
        setup('globex'),
      ]) {
        heard.push(await hear('GET', `${base}/${call}${call.includes('?') ? '&' : '?'}${project}`, own))
      }
      for (const call of ['jobs', 'status', 'pause', 'resume', 'resume']) {
        heard.push(
          await hear('POST', `${base}/${call}`, own, call === 'jobs' ? project : `name=${name}&${project}`),
        )
      }
    }
    expect(heard.map(({ status }) => status)).toEqual(heard.map(() => 200))
    const runs = (await globex.pipelines.call(`status?name=${name}`)).json
    expect(
      Object.values<{ project_id: number }[]>(runs)
        .flat()
        .map((run) => run.project_id),
    ).toEqual(expect.not.arrayContaining([acme.projectId]))
    expect(Object.keys((await globex.pipelines.call('jobs')).json)).toEqual([String(globex.projectId)])
    expectNothingOfAcme(heard)
    expect((await globex.pipelines.settled(name)).succeeded?.length).toBeGreaterThanOrEqual(dates.length)
    expect(await everything()).toEqual(before)
  })

  test("the other project's id is forbidden to every call, and its pipelines are unknown", async () => {
    const before = await everything()
    const own = `${globex.secret}:`
    const id = `project_id=${acme.projectId}`
    const create = new URLSearchParams(globex.request(fromDate))
    const forbidden = [
      await hear('GET', `${base}/jobs?${id}`, own),
      await hear('POST', `${base}/jobs`, own, id),
      await hear('GET', `${base}/${setup('globex')}&${id}`, own),
      await hear('POST', `${base}/create`, own, `${create}&${id}`),
      await hear('POST', `${base}/create?${id}`, own, `${create}`),
    ]
    const unknown: Heard[] = []
    for (const name of acmePipelines) {
      for (const call of ['status', 'pause', 'resume', 'cancel']) {
        forbidden.push(await hear('POST', `${base}/${call}`, own, `name=${name}&${id}`))
        // Its own pipeline may have that name: these ask for one that it does not have.
        if (name !== acmePipelines[0])
          unknown.push(await hear('POST', `${base}/${call}`, own, `name=${name}`))
      }
      forbidden.push(await hear('GET', `${base}/status?name=${name}&${id}`, own))
    }
    expect(forbidden.map(({ status }) => status)).toEqual(forbidden.map(() => 403))
    expect(unknown.map(({ status }) => status)).toEqual(unknown.map(() => 404))
    expectNothingOfAcme([...forbidden, ...unknown])
    expect(await everything()).toEqual(before)
  })

  test('what is public, or asked for with the wrong credentials, tells of nobody', async () => {
    const before = await everything()
    const calls = ['jobs', 'status?name=events-daily-s3-raw', setup('x')]
    const heard = [
      ...['/', '/healthz', '/readyz', '/metrics', '/track', `/${acme.projectId}`].map((path) =>
        hear('GET', path),
      ),
      ...[
        `${acme.token}:`,
        `:${acme.secret}`,
        `${globex.secret}:${acme.secret}`,
        `${acme.secret.slice(1)}:`,
      ].flatMap((credentials) => calls.map((call) => hear('GET', `${base}/${call}`, credentials))),
      ...calls.map((call) => hear('GET', `${base}/${call}`)),
    ]
    expectNothingOfAcme(await Promise.all(heard))
    expect(await everything()).toEqual(before)
  })

  test("another project's role is closed to whoever knows it, though its session is open", async () => {
    const stolen = { ...acme.request(fromDate), to_date: toDate, s3_prefix: 'stolen' }
    const refused = await globex.pipelines.call('create', stolen)
    expect(refused).toMatchObject({ status: 422, json: { error: expect.stringContaining('assume role: ') } })
    // A role may be made, or changed, after its pipeline: what the test refuses, every run refuses too.
    const name = await globex.pipelines.create({ ...stolen, skip_check: 'true' })
    const { failed, ...rest } = await globex.pipelines.settled(name)
    expect(rest).toEqual({})
    expect(failed?.map((run) => run.error?.code)).toEqual(dates.map(() => 'STS_ROLE_DENIED'))
    const told = JSON.stringify([refused, failed, (await globex.pipelines.call('jobs')).json])
    for (const secret of [acme.token, acme.secret]) expect(told).not.toContain(secret)
    expect(await acme.account.bucket.list('stolen')).toEqual([])
  })

  test('each bucket has the events of its project, and only its own sessions have been there', async () => {
    // Once more, with what came in after the first export.
    await acme.pipelines.call('cancel', { name: acmePipelines[0] ?? '' })
    await globex.pipelines.call('cancel', { name: 'events-daily-s3-raw' })
    for (const tenant of [acme, globex]) {
      await tenant.pipelines.settled(await tenant.pipelines.create(tenant.request(fromDate)))
    }
    const ids = async ({ account, projectId }: Tenant) =>
      (await account.bucket.events(`test/${projectId}/`))
        .map(({ properties }) => properties.$insert_id)
        .sort()
    expect(await ids(acme)).toEqual([...dates, 'same', 'tracked-acme'].sort())
    expect(await ids(globex)).toEqual([...dates, 'same', 'smuggled', 'tracked-globex'].sort())
    for (const tenant of [acme, globex]) {
      const { account, projectId } = tenant
      const same = (await account.bucket.events()).find(({ properties }) => properties.$insert_id === 'same')
      expect(same?.properties.of).toBe(projectId)
      const keys = (await account.bucket.list()).map(({ key }) => key)
      expect(
        keys.filter((key) => !/^(test|acme-again)\//.test(key) || !key.includes(`/${projectId}/`)),
      ).toEqual([])
      const session = `arn:aws:sts::${account.id}:assumed-role/example-s3-role/penstock-${projectId}-`
      const inBucket = (await tenant.asked()).filter(({ bucket }) => bucket === account.bucketName)
      expect(inBucket.length).toBeGreaterThan(0)
      expect(inBucket.filter(({ principal }) => principal?.startsWith(session) !== true)).toEqual([])
    }
  })

  test('the store and the destinations know nothing of each other', async () => {
    const principalsOf = async (control: SandboxControl, bucket: string) => {
      const there = (await control.requests()).filter((request) => request.bucket === bucket)
      return [...new Set(there.map(({ principal }) => principal))]
    }
    const own = 'arn:aws:iam::999999999999:user/penstock-store'
    for (const { account } of [acme, globex])
      expect(await principalsOf(stage.place.control, account.bucketName)).not.toContain(own)
    if (stage.storeSandbox === undefined) return
    expect(await principalsOf(stage.storeSandbox.control, storeBucket)).toEqual([own])
  })

  test('a download has the events of its project, as its bucket has them', async () => {
    const endSeconds = Date.parse(toDate) / 1000 + 86_400
    for (const { secret, projectId, account } of [acme, globex]) {
      const query = new URLSearchParams({ from_date: fromDate, to_date: toDate })
      const answer = await fetch(`${server.url}/api/2.0/export/?${query}`, {
        headers: { authorization: basic(`${secret}:`) },
      })
      expect(answer.status).toBe(200)
      const exported = await account.bucket.events(`test/${projectId}/`)
      const ofDays = exported.filter(({ properties }) => Number(properties.time) < endSeconds)
      const lines = (await answer.text()).split('\n').slice(0, -1)
      expect(lines.sort()).toEqual(ofDays.map((event) => JSON.stringify(event)).sort())
      expect(lines.length).toBeGreaterThanOrEqual(dates.length)
    }
  })

  test('no secret is in the log of the process, at its most talkative', () => {
    expect(server.log()).toContain('run succeeded')
    expect(server.log()).not.toContain(storeKeys.secretAccessKey)
    for (const { secret, token } of [acme, globex]) {
      expect(server.log()).not.toContain(secret)
      expect(server.log()).not.toContain(token)
    }
  })
})

interface Heard {
  status: number
  text: string
}

/** One request, as Globex or nobody: its status and all that it is told, headers too. */
async function hear(method: string, path: string, credentials = '', body?: string): Promise<Heard> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(credentials !== '' && { authorization: basic(credentials) }),
      ...(body !== undefined && {
        'content-type': body.startsWith('[') ? 'application/json' : 'application/x-www-form-urlencoded',
      }),
    },
    ...(body !== undefined && { body }),
  })
  return { status: answer.status, text: `${JSON.stringify([...answer.headers])} ${await answer.text()}` }
}

const setup = (bucket: string) => `setup?s3_bucket=${bucket}-raw&s3_region=us-west-2`

function expectNothingOfAcme(heard: Heard[]): void {
  for (const { text } of heard) for (const secret of ofAcme) expect(text).not.toContain(secret)
}

/** Acme's pipelines and runs as the database has them. */
async function everything() {
  const { db } = stage.database
  const pipelines = db
    .selectFrom('pipeline')
    .selectAll()
    .where('project_id', '=', acme.projectId as never)
  const runs = db
    .selectFrom('run')
    .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
    .where('pipeline.project_id', '=', acme.projectId as never)
    .selectAll('run')
  return { pipelines: await pipelines.execute(), runs: await runs.execute() }
}
