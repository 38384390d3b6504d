/** A client that knows only what it was told: it keeps each request until it is answered with success. */
import type { SentEvent } from '../../demo/events.ts'
import type { Random } from '../../demo/random.ts'

export interface LoyalClient {
  /** Sends what is unanswered, then new requests, until the server is gone. */
  sendTo(url: string): Promise<void>
  /** Sends so many new requests; throws where one is not answered with success. */
  send(url: string, requests: number): Promise<void>
  /** Sends what is unanswered, each until it is answered. */
  settle(url: string): Promise<void>
  /** Every event of every request that was ever sent. */
  readonly sent: SentEvent[]
  /** Requests that were answered with success, and those that had to be sent again. */
  readonly counts: { answered: number; repeated: number }
}

export interface LoyalClientOptions {
  id: number
  secret: string
  token: string
  /** Events lie in the 24 hours from then on. */
  dayStartSeconds: number
  random: Random
}

interface Request {
  path: '/import' | '/track'
  events: SentEvent[]
}

const eventsMax = 40
const answerMsMax = 30_000

export function createLoyalClient(options: LoyalClientOptions): LoyalClient {
  const { secret, random } = options
  const unanswered: Request[] = []
  const sent: SentEvent[] = []
  const counts = { answered: 0, repeated: 0 }

  const newRequest = (): Request => {
    const path = random.next() < 0.7 ? '/import' : '/track'
    const events = Array.from({ length: random.whole(1, eventsMax) }, () => makeEvent(options, sent, path))
    unanswered.push({ path, events })
    return unanswered.at(-1) as Request
  }
  /** True when it was answered with success; false when the server or its database is gone. */
  const deliver = async (url: string, request: Request): Promise<boolean> => {
    const answer = await post(url, secret, request).catch(() => undefined)
    // Its database may be killed a moment before the server is: then it says that it took nothing.
    if (answer === undefined || answer.status === 503) return false
    if (!answer.ok) throw new Error(`${request.path} was answered ${answer.status}: ${answer.text}`)
    unanswered.splice(unanswered.indexOf(request), 1)
    counts.answered += 1
    return true
  }
  const repeatUnanswered = async (url: string): Promise<boolean> => {
    for (const request of [...unanswered]) {
      counts.repeated += 1
      if (!(await deliver(url, request))) return false
    }
    return true
  }
  return {
    sendTo: async (url) => {
      if (!(await repeatUnanswered(url))) return
      while (await deliver(url, newRequest()));
    },
    send: async (url, requests) => {
      for (let sentNow = 0; sentNow < requests; sentNow++) {
        if (!(await deliver(url, newRequest()))) throw new Error('the server is gone')
      }
    },
    settle: async (url) => {
      if (!(await repeatUnanswered(url))) throw new Error('the server is gone')
    },
    sent,
    counts,
  }
}

function makeEvent(
  { id, token, dayStartSeconds, random }: LoyalClientOptions,
  sent: SentEvent[],
  path: string,
): SentEvent {
  const event = {
    event: random.next() < 0.5 ? 'Page viewed' : `Rare ${random.whole(0, 30)}`,
    properties: {
      time: dayStartSeconds + random.whole(0, 86_400),
      distinct_id: `user-${random.whole(0, 50)}`,
      $insert_id: `client-${id}-event-${sent.length}`,
      payload: random.whole(0, 2 ** 32),
      ...(path === '/track' && { token }),
    },
  }
  sent.push(event)
  return event
}

async function post(
  url: string,
  secret: string,
  { path, events }: Request,
): Promise<{ ok: boolean; status: number; text: string }> {
  const response = await fetch(`${url}${path}?${path === '/import' ? 'strict=1' : 'verbose=1'}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(path === '/import' && { authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` }),
    },
    body: JSON.stringify(events),
    // A server that is stopped, or behind a network that is gone, says nothing.
    signal: AbortSignal.timeout(answerMsMax),
  })
  const text = await response.text()
  // /track says in its body alone whether the events were taken.
  const refused = path === '/track' && !text.includes('"status":1')
  return { ok: response.ok && !refused, status: response.status, text }
}
