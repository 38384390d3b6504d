/** Sends request bodies to /import over kept connections, so many at once, and wants each of them answered 200. */
import { Agent, request } from 'node:http'
import { WrongResult } from '../check/wrong-result.ts'
import type { Body } from '../generator/generated-day.ts'

export interface ImportTarget {
  url: string
  secret: string
}

/**
 * @param targets several take turns, as a load balancer deals requests out
 * @returns seconds from the first request to the last answer
 */
export async function sendBodies(
  targets: ImportTarget | ImportTarget[],
  bodies: AsyncIterable<Body> | Iterable<Body>,
  atOnce: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const running = new Set<Promise<void>>()
  const inTurn = [targets].flat()
  let turn = 0
  const startedMs = performance.now()
  try {
    for await (const body of bodies) {
      const target = inTurn[turn++ % inTurn.length] as ImportTarget
      const sending = sendBody(target, agent, body).finally(() => running.delete(sending))
      running.add(sending)
      if (running.size >= atOnce) await Promise.race(running)
    }
    await Promise.all(running)
    return (performance.now() - startedMs) / 1000
  } finally {
    await Promise.allSettled(running)
    agent.destroy()
  }
}

/** Throws WrongResult unless every event of the body is answered as stored. */
export async function sendBody(target: ImportTarget, agent: Agent, body: Body): Promise<void> {
  const answer = await postBody(target, agent, body)
  if (!isStored(answer, body)) throw unexpectedAnswer(answer, body)
}

export interface ImportAnswer {
  status: number
  text: string
}

export function isStored({ status, text }: ImportAnswer, { events }: Body): boolean {
  return status === 200 && text.includes(`"num_records_imported":${events}`)
}

export function unexpectedAnswer({ status, text }: ImportAnswer, { events }: Body): WrongResult {
  return new WrongResult(`/import answered ${status} to ${events} events: ${text.slice(0, 500)}`)
}

export function postBody({ url, secret }: ImportTarget, agent: Agent, body: Body): Promise<ImportAnswer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}`,
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'content-length': body.gzip.length,
    }
    const sent = request(`${url}/import?strict=1`, { method: 'POST', agent, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body.gzip)
  })
}
