/**
 * Destinations of pipelines that are there already: roles are tried daily, and a paused pipeline goes on by itself once its
 * destination takes it again. Against a sandbox, with a clock that the test sets.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { claimRun } from '../../src/control/runs/claim-run.ts'
import { refuseRun, succeedRun } from '../../src/control/runs/finish-run.ts'
import type { RunId } from '../../src/ids.ts'
import { watchDestinations } from '../../src/workflows/watch-destinations.ts'
import { customerWorld, openCustomerWorld, without } from '../support/connection-lab.ts'
import { type ConnectionServer, openConnectionServer } from '../support/connection-server.ts'
import { silentLog } from '../support/silent-log.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const name = 'events-daily-s3-raw'

let connected: ConnectionServer
let lab: ConnectionServer['lab']
let server: ConnectionServer['server']
let tests: ConnectionServer['tests']
let acmes: CreatedProject

beforeAll(async () => {
  connected = await openConnectionServer()
  ;({ lab, server, tests } = connected)
})
afterAll(() => connected.close())
beforeEach(async () => {
  await connected.reset()
  acmes = await server.project()
  await lab.change(world())
  expect((await create(acmes)).status).toBe(200)
})

const create: ConnectionServer['create'] = (...asked) => connected.create(...asked)
const job = async ({ apiSecret, projectId }: CreatedProject) =>
  (await server.call(apiSecret, 'jobs')).json[projectId][0]

/** Acme's account, which lets in acme's project. */
const world = () => customerWorld(acmes.token)

/** A look after a while; gives what it asked of AWS. */
async function lookAfter(ms: number, stopping = new AbortController().signal): Promise<string[]> {
  server.clock.ms += ms
  const before = (await lab.control.requests()).length
  const deps = {
    db: server.database.db,
    jobs: { enqueue: async () => {} },
    tests,
    clock: server.clock,
    log: silentLog,
  }
  await watchDestinations(deps, stopping)
  return (await lab.control.requests()).slice(before).map(({ action }) => action ?? '')
}

describe('a role', () => {
  /** Two for the trust test; then a session that looks for what connection tests have left. */
  const tries = ['AssumeRole', 'AssumeRole', 'AssumeRole', 'ListObjectsV2']

  test('is tried once a day, and no more', async () => {
    expect(await lookAfter(23 * hourMs)).toEqual([])
    expect(await lookAfter(hourMs)).toEqual(tries)
    expect(await lookAfter(minuteMs)).toEqual([])
    expect(await lookAfter(dayMs)).toEqual(tries)
    expect(await job(acmes)).not.toHaveProperty('trust_warning')
  })

  test('that lets in everybody is warned of in `jobs`, with the condition to add, until it no longer does', async () => {
    await lab.change(openCustomerWorld())
    await lookAfter(dayMs)
    expect(await job(acmes)).toMatchObject({
      state: 'active',
      trust_warning: expect.stringContaining(`{"StringEquals":{"sts:ExternalId":"${acmes.token}"}}`),
    })
    await lab.change(world())
    await lookAfter(dayMs)
    expect(await job(acmes)).not.toHaveProperty('trust_warning')
  })

  test('that lets in everybody pauses its pipeline where such roles are refused, until it no longer does', async () => {
    tests.trustMode = 'refuse'
    await lab.change(openCustomerWorld())
    await lookAfter(dayMs)
    expect(await job(acmes)).toMatchObject({
      state: 'paused',
      pause_reason: expect.stringContaining(`{"StringEquals":{"sts:ExternalId":"${acmes.token}"}}`),
    })
    await lab.change(world())
    await lookAfter(5 * minuteMs)
    expect(await job(acmes)).toMatchObject({ state: 'active' })
  })

  test('of which STS could tell nothing is tried again within the day, and what is known of it stays', async () => {
    await lab.change(openCustomerWorld())
    await lookAfter(dayMs)
    await lab.control.fault({ action: 'AssumeRole', status: 503, code: 'ServiceUnavailable' })
    await lookAfter(dayMs)
    expect(await job(acmes)).toHaveProperty('trust_warning')
    await lab.control.clearFaults()
    await lab.change(world())
    expect(await lookAfter(hourMs)).toEqual(tries)
    expect(await job(acmes)).not.toHaveProperty('trust_warning')
  })

  test('that begins to let in everybody is left to the project that had it first', async () => {
    const strangers = await server.project()
    const stolen = { s3_prefix: 'stolen', skip_check: 'true' }
    expect((await create(strangers, stolen)).status).toBe(200)
    await lab.change(openCustomerWorld())
    await lookAfter(dayMs)
    expect(await job(acmes)).toMatchObject({ state: 'active' })
    const { state, pause_reason: reason } = await job(strangers)
    expect(state).toBe('paused')
    expect(reason).not.toContain(acmes.token)
  })
})

describe('a pipeline that its destination has refused', () => {
  /** Every due run is refused until the pipeline is paused. */
  async function refuseRuns(): Promise<void> {
    for (const hold of await claimRuns()) {
      const error = { code: 'S3_GET_DENIED', message: 'no' }
      await refuseRun(server.database.db, hold, { error, refusalsMax: 3, nowMs: server.clock.ms })
    }
    expect(await job(acmes)).toMatchObject({ state: 'paused' })
  }
  async function claimRuns() {
    const rows = await server.database.db
      .selectFrom('run')
      .select('id')
      .where('state', '=', 'pending')
      .limit(3)
      .execute()
    const claim = { workerId: 'w', leaseMs: dayMs, nowMs: server.clock.ms }
    const claimed = await Promise.all(
      rows.map(({ id }) => claimRun(server.database.db, { runId: id as RunId, ...claim })),
    )
    return claimed.flatMap((run) => run ?? [])
  }
  async function spoil(): Promise<void> {
    const spoilt = world()
    without(spoilt, 's3:GetObject')
    await lab.change(spoilt)
  }

  test('is tried at growing intervals, says each time what is missing, and goes on by itself with every run', async () => {
    await spoil()
    await refuseRuns()
    expect(await lookAfter(4 * minuteMs)).toEqual([])
    const waits: number[] = []
    for (let waited = 0; waits.length < 5; ) {
      waited++
      if ((await lookAfter(minuteMs)).length === 0) continue
      waits.push(waited)
      waited = 0
    }
    expect(waits).toEqual([1, 5, 10, 20, 40])
    expect((await job(acmes)).pause_reason).toMatch(
      /^paused until the connection test.*read: .*"Action":"s3:GetObject"/,
    )
    const status = (await server.call(acmes.apiSecret, `status?name=${name}`)).json
    expect(status.pending[0].held).toContain('"Action":"s3:GetObject"')

    await lab.change(world())
    await lookAfter(80 * minuteMs)
    expect(await job(acmes)).toMatchObject({ state: 'active' })
    expect(await job(acmes)).not.toHaveProperty('pause_reason')
    const summary = (await server.call(acmes.apiSecret, `status?name=${name}&summary=true`)).json
    expect(Object.keys(summary)).toEqual(['pending'])
  })

  test('waits longer each time where the test passes and runs are refused all the same, until one gets through', async () => {
    await refuseRuns()
    await lookAfter(5 * minuteMs)
    await refuseRuns()
    expect(await lookAfter(9 * minuteMs)).toEqual([])
    await lookAfter(minuteMs)
    expect(await job(acmes)).toMatchObject({ state: 'active' })
    const [hold] = await claimRuns()
    if (hold === undefined) throw new Error('no run')
    await succeedRun(server.database.db, hold, { files: 0, events: 0, bytes: 0, nowMs: server.clock.ms })
    await refuseRuns()
    expect(await lookAfter(5 * minuteMs)).not.toEqual([])
  })

  test('stays paused once its owner has paused it, and goes on once it is resumed', async () => {
    await spoil()
    await refuseRuns()
    await server.call(acmes.apiSecret, 'pause', { name })
    await lab.change(world())
    expect(await lookAfter(hourMs)).toEqual([])
    expect(await job(acmes)).toMatchObject({
      state: 'paused',
      pause_reason: expect.stringContaining('S3_GET_DENIED'),
    })
    await server.call(acmes.apiSecret, 'resume', { name })
    expect(await job(acmes)).toMatchObject({ state: 'active' })
  })

  test('is left as it is by a process that stops in the middle', async () => {
    await refuseRuns()
    const stopping = new AbortController()
    stopping.abort()
    expect(await lookAfter(hourMs, stopping.signal)).toEqual([])
    expect(await job(acmes)).toMatchObject({ state: 'paused' })
  })
})
