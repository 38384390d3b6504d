/** Signatures of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body. */
import { createHmac } from 'node:crypto'

export interface SignedMessage {
  id: string
  body: string
  /** In whole seconds it is signed too: a receiver refuses what is old. */
  sentAtMs: number
}

const prefix = 'whsec_'

/** Whether it is `whsec_` and the base64 of 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(prefix)) return false
  const encoded = text.slice(prefix.length)
  const { length } = keyOf(text)
  return /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && length >= 24 && length <= 64
}

/** @param secrets with each of them it is signed, so that a secret can be replaced while receivers know one of two */
export function signatureHeaders(
  secrets: readonly string[],
  { id, body, sentAtMs }: SignedMessage,
): Record<string, string> {
  const timestamp = String(Math.floor(sentAtMs / 1000))
  const signed = `${id}.${timestamp}.${body}`
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`,
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(prefix.length), 'base64')
}
