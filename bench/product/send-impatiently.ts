/** Sends request bodies to /import faster than it can take them, as clients do who don't wait to be told when to come back. */
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Body } from '../generator/generated-day.ts'
import { type ImportTarget, isStored, postBody, unexpectedAnswer } from './send-bodies.ts'

export interface Delivery {
  target: ImportTarget
  body: Body
}

export interface Overload {
  /** From the first request to the answer that acknowledged the last body. */
  seconds: number
  /** Of each request that was acknowledged, from when it was sent. */
  acceptedSeconds: number[]
  /** Requests that were answered 503 or 429; each was sent again behind all others. */
  refused: number
}

/**
 * Begins `perSecond` requests a second, however many are under way, until every body is acknowledged.
 * Throws WrongResult at any answer but an acknowledgement, 429 and 503.
 */
export async function sendImpatiently(deliveries: readonly Delivery[], perSecond: number): Promise<Overload> {
  const agent = new Agent({ keepAlive: true })
  const waiting = [...deliveries]
  const running = new Set<Promise<void>>()
  const overload: Overload = { seconds: 0, acceptedSeconds: [], refused: 0 }
  const failures: unknown[] = []
  const startedMs = performance.now()
  const send = async (delivery: Delivery): Promise<void> => {
    const sentMs = performance.now()
    const answer = await postBody(delivery.target, agent, delivery.body)
    if (answer.status === 503 || answer.status === 429) {
      overload.refused += 1
      waiting.push(delivery)
    } else if (isStored(answer, delivery.body)) {
      overload.acceptedSeconds.push((performance.now() - sentMs) / 1000)
    } else throw unexpectedAnswer(answer, delivery.body)
  }
  try {
    for (let turn = 0; waiting.length > 0 || running.size > 0; turn++) {
      await sleep(Math.max(0, startedMs + (turn / perSecond) * 1000 - performance.now()))
      const next = waiting.shift()
      if (next === undefined) {
        // What is under way may yet be refused.
        if (running.size > 0) await Promise.race(running)
        continue
      }
      const sending: Promise<void> = send(next)
        .catch((error) => failures.push(error))
        .then(() => void running.delete(sending))
      running.add(sending)
      if (failures.length > 0) throw failures[0]
    }
    if (failures.length > 0) throw failures[0]
    return { ...overload, seconds: (performance.now() - startedMs) / 1000 }
  } finally {
    await Promise.allSettled(running)
    agent.destroy()
  }
}
