/** Tells of each request that a client of the AWS SDK sends: what it asked, and how that ended. It is what calls cost. */
import { z } from 'zod'

export interface AwsRequest {
  /** As in `PutObject`. */
  action: string
  /** `unanswered`: no answer came, or nobody waited for it any longer. `throttled`: 429 or 503. */
  outcome: 'ok' | 'throttled' | 'refused' | 'failed' | 'unanswered'
}

interface ObservableClient {
  middlewareStack: { add(middleware: never, options: object): void }
}

type Next = (args: unknown) => Promise<unknown>

/** Calls `onRequest` for each try of each request, once it has ended. */
export function observeRequests(client: ObservableClient, onRequest: (request: AwsRequest) => void): void {
  const middleware =
    (next: Next, context: { commandName?: string }): Next =>
    async (args) => {
      const action = (context.commandName ?? 'Unknown').replace(/Command$/, '')
      try {
        const answer = await next(args)
        onRequest({ action, outcome: 'ok' })
        return answer
      } catch (error) {
        onRequest({ action, outcome: outcomeOf(error) })
        throw error
      }
    }
  // Around what reads the answer: a request that was never sent is not told of.
  client.middlewareStack.add(middleware as never, {
    step: 'deserialize',
    priority: 'high',
    name: 'penstockRequests',
    override: true,
  })
}

const answered = z.object({ $metadata: z.object({ httpStatusCode: z.number() }) })

function outcomeOf(error: unknown): AwsRequest['outcome'] {
  const parsed = answered.safeParse(error)
  if (!parsed.success) return 'unanswered'
  const { httpStatusCode: status } = parsed.data.$metadata
  if (status === 429 || status === 503) return 'throttled'
  return status >= 500 ? 'failed' : 'refused'
}
