/** The operator's end of the webhook: it checks signatures by the library of Standard Webhooks. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { Webhook } from 'standardwebhooks'

interface ReceivedCall {
  id: string
  type: string
  data: Record<string, unknown>
}

export interface WebhookReceiver {
  url: string
  /** Those with a right signature, whatever they were answered. */
  calls: ReceivedCall[]
  /** Whose signature was wrong, or too old. */
  forged: number
  /** How the next calls are answered; 204 after them. A function may also keep the call waiting. */
  answers: ({ status: number; headers?: Record<string, string> } | Promise<never>)[]
  close(): Promise<void>
}

export async function startWebhookReceiver(secret: string): Promise<WebhookReceiver> {
  const verifier = new Webhook(secret)
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    try {
      const { type, data } = verifier.verify(body, signed(request.headers)) as Omit<ReceivedCall, 'id'>
      receiver.calls.push({ id: String(request.headers['webhook-id']), type, data })
    } catch {
      receiver.forged += 1
    }
    const { status, headers } = (await receiver.answers.shift()) ?? { status: 204 }
    response.writeHead(status, headers).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const receiver: WebhookReceiver = {
    ...{ url: `http://127.0.0.1:${port}/hook/of-mine`, calls: [], forged: 0, answers: [] },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return receiver
}

function signed(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
  return Object.fromEntries(names.map((name) => [name, String(headers[name])]))
}
