import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { readConfig } from '../config/read-config.ts'
import { notificationBody } from '../control/notifications/outbox.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import { openWebhook } from '../webhook/open-webhook.ts'
import { postWebhook } from '../webhook/webhook.ts'
import { type OutputOptions, printResult } from './output.ts'

export function registerCheckWebhook(check: Command): void {
  check
    .command('webhook')
    .description('Send the webhook a test notification, and say whether it was taken')
    .option('--json', 'print one JSON document')
    .action(checkWebhook)
}

async function checkWebhook(_options: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<OutputOptions>()
  const webhook = await openWebhook(readConfig(process.env))
  if (webhook === undefined)
    throw new PenstockError('caller', 'WEBHOOK_NOT_SET', 'no webhook is set: PENSTOCK_WEBHOOK_URL names one')
  const id = randomUUID()
  const sentAtMs = Date.now()
  const body = notificationBody({ type: 'penstock.test', data: {} }, sentAtMs)
  const answer = await postWebhook(webhook, { id, body, sentAtMs })
  const found = answer.taken ? `the webhook answered ${answer.status}` : answer.why
  const words = answer.taken
    ? `ok: ${found} to the test notification ${id}`
    : `FAILED: the webhook did not take the test notification: ${found}`
  printResult(options, { ok: answer.taken, notification: id, found }, words)
  if (!answer.taken) process.exitCode = 1
}
