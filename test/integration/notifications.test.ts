/** What the operator's webhook is told, and that it is told at least once, whatever fails. */
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { claimNotification } from '../../src/control/notifications/outbox.ts'
import type { LocalHour, PipelineId, ProjectId } from '../../src/ids.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { openWebhook } from '../../src/webhook/open-webhook.ts'
import type { Webhook } from '../../src/webhook/webhook.ts'
import { notify } from '../../src/workflows/notifier.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { penstock, startPenstock } from '../support/penstock-process.ts'
import { insertPipeline, insertProject, insertRun } from '../support/pipeline-rows.ts'
import { openServingPlace } from '../support/serving-place.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`
const secret = newSecret()
const minuteMs = 60_000
const late = { due_at: new Date(Date.now() - 61 * minuteMs) }

let database: TestDatabase
let receiver: WebhookReceiver
let projectId: ProjectId
const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
const metrics = createMetrics(() => 0)
let logged = ''

beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(async () => {
  await receiver?.close()
  receiver = await startWebhookReceiver(secret)
  await database.pool.query('truncate project, notification cascade')
  projectId = await insertProject(database.db)
  clock.aheadMs = 0
  metrics.notifications.reset()
})
afterAll(async () => {
  await receiver?.close()
  await database?.drop()
})

async function look(changes: Partial<Webhook> = {}): Promise<void> {
  const webhook = { url: receiver.url, secrets: [secret], timeoutMs: 1000, ...changes }
  const log = pino(
    { level: 'trace' },
    {
      write: (line: string) => {
        logged += line
      },
    },
  )
  const limits = { lateAfterMs: 60 * minuteMs, retryMsMax: 72 * 3_600_000 }
  await notify({ db: database.db, clock, webhook, metrics, log, ...limits }, new AbortController().signal)
}

const told = () => receiver.calls.map(({ type, data }) => [type, data.pipeline])

async function change(id: PipelineId, columns: Record<string, unknown>): Promise<void> {
  await database.db.updateTable('pipeline').set(columns).where('id', '=', id).execute()
}

async function waiting(): Promise<number> {
  const { rows } = await database.pool.query('select id from notification')
  return rows.length
}

test('a pipeline with a folder that is late is told of once, and once more when none is late any more', async () => {
  const id = await insertPipeline(database.db, projectId, { name: 'daily' })
  const hours = { local_hour: 494_160 as LocalHour, hours: 24 }
  const runId = await insertRun(database.db, id, { ...late, ...hours })
  await insertRun(database.db, id, { ...late, local_hour: 494_184 as LocalHour, state: 'retried' })
  await look()
  await look()
  expect(receiver.calls.map(({ type, data }) => ({ type, data }))).toEqual([
    {
      type: 'pipeline.late',
      data: {
        ...{ project_id: projectId, pipeline: 'daily', folder: '2026-05-17' },
        due_at: late.due_at.toISOString(),
      },
    },
  ])
  await database.db.updateTable('run').set({ state: 'succeeded' }).where('id', '=', runId).execute()
  await look()
  expect(told()).toHaveLength(1)
  await database.db.updateTable('run').set({ state: 'succeeded' }).execute()
  await look()
  await look()
  expect(told()).toEqual([
    ['pipeline.late', 'daily'],
    ['pipeline.caught_up', 'daily'],
  ])
})

test('what is due but not late, backfilled, paused or done is not told of', async () => {
  const active = await insertPipeline(database.db, projectId)
  const paused = await insertPipeline(database.db, projectId, { state: 'paused' })
  const hour = (value: number) => ({ local_hour: value as LocalHour })
  await insertRun(database.db, active, { ...hour(1), due_at: new Date(Date.now() - 59 * minuteMs) })
  await insertRun(database.db, active, { ...hour(2), ...late, backfill: true })
  await insertRun(database.db, active, { ...hour(3), ...late, state: 'succeeded' })
  await insertRun(database.db, paused, { ...hour(4), ...late })
  await look()
  expect(told()).toEqual([])
})

test('a pipeline that Penstock holds is told of with the reason, and again when it goes on', async () => {
  const held = {
    state: 'paused',
    pause_reason: 'S3_PUT_DENIED',
    next_connection_test_at: new Date(),
  } as const
  const goesOn = { state: 'active', pause_reason: null, next_connection_test_at: null }
  const id = await insertPipeline(database.db, projectId, { name: 'held', ...held })
  await look()
  await change(id, goesOn)
  await look()
  await change(id, held)
  await look()
  // Its owner has taken it over: that is no news for the operator.
  await change(id, { next_connection_test_at: null })
  await look()
  await change(id, goesOn)
  await look()
  expect(told()).toEqual([
    ['pipeline.held', 'held'],
    ['pipeline.resumed', 'held'],
    ['pipeline.held', 'held'],
  ])
  expect(receiver.calls[0]?.data.reason).toBe('S3_PUT_DENIED')
})

test('processes that look at the same time tell of each pipeline once', async () => {
  for (let index = 0; index < 20; index++) {
    const held = { state: 'paused', next_connection_test_at: new Date() } as const
    await insertPipeline(database.db, projectId, { name: `p${index}`, ...held })
    await insertRun(database.db, await insertPipeline(database.db, projectId, { name: `l${index}` }), late)
  }
  await Promise.all(Array.from({ length: 5 }, () => look()))
  expect(new Set(told().map(String)).size).toBe(40)
  expect(told()).toHaveLength(40)
  expect(await waiting()).toBe(0)
})

test('what is not taken is sent again later, with the same id and a new signature', async () => {
  await insertRun(database.db, await insertPipeline(database.db, projectId), late)
  receiver.answers = [{ status: 500 }, { status: 429, headers: { 'retry-after': '120' } }]
  await look()
  await look()
  expect(receiver.calls).toHaveLength(1)
  clock.aheadMs = 15_000
  await look()
  clock.aheadMs = 15_000 + 119_000
  await look()
  expect(receiver.calls).toHaveLength(2)
  clock.aheadMs = 15_000 + 121_000
  await look()
  expect(receiver.calls).toHaveLength(3)
  expect(new Set(receiver.calls.map(({ id }) => id)).size).toBe(1)
  expect(await waiting()).toBe(0)
  expect(
    (await metrics.notifications.get()).values.map(({ labels, value }) => [labels.outcome, value]),
  ).toEqual([
    ['postponed', 2],
    ['delivered', 1],
  ])
})

test('a process that dies while it tells leaves it to others', async () => {
  await insertRun(database.db, await insertPipeline(database.db, projectId), late)
  await look({ url: 'http://127.0.0.1:1/' })
  clock.aheadMs = 60_000
  const dead = await claimNotification(database.db, { nowMs: clock.nowMs(), leaseMs: 2000 })
  await look()
  expect(receiver.calls).toEqual([])
  clock.aheadMs = 63_000
  await look()
  expect(receiver.calls.map(({ id }) => id)).toEqual([dead?.id])
})

test('a webhook that wants no more is left alone, and one that never answers is given up after its time', async () => {
  await insertRun(database.db, await insertPipeline(database.db, projectId), late)
  receiver.answers = [{ status: 410 }]
  await look()
  expect(await waiting()).toBe(0)
  await insertRun(database.db, await insertPipeline(database.db, projectId), late)
  const away = { url: 'http://127.0.0.1:1/' }
  await look(away)
  expect(await waiting()).toBe(1)
  clock.aheadMs = 73 * 3_600_000
  await look(away)
  expect(await waiting()).toBe(0)
})

test('what the webhook redirects to gets nothing', async () => {
  const elsewhere = await startWebhookReceiver(secret)
  await insertRun(database.db, await insertPipeline(database.db, projectId), late)
  receiver.answers = [{ status: 307, headers: { location: elsewhere.url } }]
  await look()
  expect([elsewhere.calls, elsewhere.forged, await waiting()]).toEqual([[], 0, 1])
  await elsewhere.close()
})

test('while a secret is replaced, receivers of the old one and of the new one both know the signature', async () => {
  const next = newSecret()
  const { db } = database
  for (const secrets of [[next], [secret, next], [next, secret]]) {
    await insertRun(db, await insertPipeline(db, projectId), late)
    await look({ secrets })
  }
  expect([receiver.forged, receiver.calls.length]).toEqual([1, 2])
})

test('neither the URL nor a secret is logged', () => {
  expect(logged).toContain('the webhook has taken a notification')
  expect(logged).toContain('it is sent again')
  expect(logged).not.toContain('of-mine')
  expect(logged).not.toContain(secret.slice(6))
})

test('settings that can be no secret are refused, without the secret in the message', async () => {
  const settings = { webhookUrl: 'http://127.0.0.1/', webhookSecret: undefined, webhookSecretFile: undefined }
  const wrong = ['sesame-open', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(100)}`, '']
  for (const webhookSecret of wrong) {
    await expect(openWebhook({ ...settings, webhookSecret })).rejects.toMatchObject({
      code: 'WEBHOOK_SECRET_INVALID',
      message: expect.not.stringContaining(webhookSecret || '\0'),
    })
  }
  await expect(openWebhook({ ...settings, webhookSecretFile: '/nowhere/at/all' })).rejects.toMatchObject({
    code: 'WEBHOOK_SECRET_INVALID',
  })
  expect(await openWebhook({ ...settings, webhookSecret: secret })).toMatchObject({ secrets: [secret] })
})

test('a serving process tells its webhook, and `check webhook` tries it', async () => {
  const stage = await openServingPlace('webhook', {
    ...{ PENSTOCK_WEBHOOK_URL: receiver.url, PENSTOCK_WEBHOOK_SECRET: secret },
    ...{ PENSTOCK_SCHEDULER_INTERVAL_MS: '100', PENSTOCK_METRICS_PORT: '0' },
  })
  const check = await penstock(['check', 'webhook', '--json'], stage.env)
  expect(check.code, check.stderr).toBe(0)
  expect(JSON.parse(check.stdout)).toMatchObject({ ok: true, notification: receiver.calls[0]?.id })
  expect(told()).toEqual([['penstock.test', undefined]])
  receiver.answers = [{ status: 404 }]
  const refused = await penstock(['check', 'webhook'], stage.env)
  expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('it answered 404')])

  const scheduler = await startPenstock(stage.env, ['--roles', 'scheduler'])
  const { db } = stage.database
  const held = {
    state: 'paused',
    pause_reason: 'why',
    next_connection_test_at: new Date(Date.now() + 1e9),
  } as const
  await insertPipeline(db, await insertProject(db), { name: 'held', ...held })
  await expect.poll(() => told().at(-1), { timeout: 20_000 }).toEqual(['pipeline.held', 'held'])
  expect(await scheduler.kill('SIGTERM'), scheduler.log()).toBe(0)
  await stage.close()
}, 60_000)
