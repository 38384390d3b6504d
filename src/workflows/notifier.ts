/**
 * Tells the operator's webhook of pipelines that are late or held, and that they are so no more: at least once each, whatever
 * process dies, and with the same id however often. Any number of processes may do so on one database.
 */
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { backoffMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../control/db/tables.ts'
import { noticePipelines } from '../control/notifications/notice-pipelines.ts'
import {
  claimNotification,
  type DueNotification,
  postponeNotification,
  removeNotification,
} from '../control/notifications/outbox.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { postWebhook, type Webhook, type WebhookAnswer } from '../webhook/webhook.ts'

export interface NotifierDeps {
  db: Kysely<Database>
  clock: Clock
  webhook: Webhook
  metrics: Pick<Metrics, 'notifications'>
  log: Logger
  lateAfterMs: number
  /** After which a notification that was not taken is given up. */
  retryMsMax: number
}

/** No try waits longer than this for the next. */
const waitMaxMs = 3_600_000
const backoff = { firstMaxMs: 10_000, maxMs: waitMaxMs }

/** One look: what is new, then everything that is due, one after the other. */
export async function notify(deps: NotifierDeps, stopping: AbortSignal): Promise<void> {
  const { db, clock, webhook, lateAfterMs } = deps
  await noticePipelines(db, { nowMs: clock.nowMs(), lateAfterMs })
  while (!stopping.aborted) {
    const due = await claimNotification(db, { nowMs: clock.nowMs(), leaseMs: 2 * webhook.timeoutMs })
    if (due === undefined) return
    const answer = await postWebhook(webhook, { ...due, sentAtMs: clock.nowMs() })
    await settle(deps, due, answer)
  }
}

async function settle(deps: NotifierDeps, due: DueNotification, answer: WebhookAnswer): Promise<void> {
  const { db, clock, metrics, log } = deps
  const fields = { notification: due.id, attempts: due.attempts }
  if (answer.taken) {
    await removeNotification(db, due.id)
    metrics.notifications.inc({ outcome: 'delivered' })
    log.info(fields, 'the webhook has taken a notification')
    return
  }
  if (answer.isGone || clock.nowMs() - due.createdAtMs >= deps.retryMsMax) {
    await removeNotification(db, due.id)
    metrics.notifications.inc({ outcome: 'given up' })
    log.error({ ...fields, why: answer.why }, 'a notification was given up: the webhook does not take it')
    return
  }
  const waitMs = Math.max(backoffMs(due.attempts, backoff, Math.random()), answer.retryAfterMs ?? 0)
  await postponeNotification(db, due.id, clock.nowMs() + Math.min(waitMs, waitMaxMs))
  metrics.notifications.inc({ outcome: 'postponed' })
  log.warn(
    { ...fields, why: answer.why, waitMs },
    'the webhook did not take a notification; it is sent again',
  )
}
