import { readFile } from 'node:fs/promises'
import { PenstockError } from '../errors/penstock-error.ts'
import { isWebhookSecret } from './sign.ts'
import type { Webhook } from './webhook.ts'

export interface WebhookSettings {
  webhookUrl: string | undefined
  webhookSecret: string | undefined
  webhookSecretFile: string | undefined
}

const timeoutMs = 10_000

/**
 * Undefined where the settings name none.
 * @throws PenstockError WEBHOOK_SECRET_INVALID for a secret that can't be read or can't be one
 */
export async function openWebhook(settings: WebhookSettings): Promise<Webhook | undefined> {
  const { webhookUrl: url } = settings
  if (url === undefined) return undefined
  const secrets = (await readSecrets(settings)).split(/\s+/).filter((text) => text !== '')
  if (secrets.length === 0 || !secrets.every(isWebhookSecret))
    throw invalid(
      'it must be whsec_ and the base64 of 24 to 64 bytes, or several of them with spaces between',
    )
  return { url, secrets, timeoutMs }
}

async function readSecrets({ webhookSecret, webhookSecretFile }: WebhookSettings): Promise<string> {
  if (webhookSecretFile === undefined) return webhookSecret ?? ''
  return await readFile(webhookSecretFile, 'utf8').catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw invalid(`${webhookSecretFile} can't be read (${code})`, cause)
  })
}

function invalid(why: string, cause?: unknown): PenstockError {
  return new PenstockError(
    'caller',
    'WEBHOOK_SECRET_INVALID',
    `the webhook's secret: ${why}. PENSTOCK_WEBHOOK_SECRET or PENSTOCK_WEBHOOK_SECRET_FILE says what it is; make one with: echo whsec_$(openssl rand -base64 32)`,
    { cause },
  )
}
