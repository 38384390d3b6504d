/** The operator's webhook: one POST, and whether it was taken. Only the operator says where it goes. */
import { type SignedMessage, signatureHeaders } from './sign.ts'

export interface Webhook {
  url: string
  secrets: readonly string[]
  timeoutMs: number
}

export type WebhookAnswer =
  | { taken: true; status: number }
  | {
      taken: false
      /** In words, without the URL: that may be a secret itself. */
      why: string
      /** The receiver wants no more of it. */
      isGone: boolean
      /** When the receiver wants to be asked again, if it says so. */
      retryAfterMs?: number
    }

export async function postWebhook(webhook: Webhook, message: SignedMessage): Promise<WebhookAnswer> {
  try {
    const answer = await fetch(webhook.url, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', 'user-agent': 'Penstock' },
        ...signatureHeaders(webhook.secrets, message),
      },
      body: message.body,
      // What is signed for one receiver is not carried to another.
      redirect: 'manual',
      signal: AbortSignal.timeout(webhook.timeoutMs),
    })
    await answer.body?.cancel()
    return readAnswer(answer)
  } catch (error) {
    return { taken: false, isGone: false, why: describe(error, webhook.timeoutMs) }
  }
}

function readAnswer({ status, headers }: Response): WebhookAnswer {
  if (status >= 200 && status < 300) return { taken: true, status }
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return {
    taken: false,
    why: `it answered ${status}`,
    isGone: status === 410,
    ...(seconds > 0 && { retryAfterMs: seconds * 1000 }),
  }
}

function describe(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return `it can't be reached${code === '' ? '' : ` (${code})`}`
}
