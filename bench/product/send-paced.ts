/** Sends request bodies to /import at a steady rate, however long the answers take. */
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Body } from '../generator/generated-day.ts'
import { type ImportTarget, sendBody } from './send-bodies.ts'

/**
 * @returns for each body, seconds from when its turn came to its answer: a request that was held up by the ones before it
 * counts from when it should have been sent.
 */
export async function sendPaced(
  target: ImportTarget,
  bodies: readonly Body[],
  bodiesPerSecond: number,
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const startedMs = performance.now()
  const sendInTurn = async (body: Body, index: number): Promise<number> => {
    const turnMs = startedMs + (index / bodiesPerSecond) * 1000
    await sleep(Math.max(0, turnMs - performance.now()))
    await sendBody(target, agent, body)
    return (performance.now() - turnMs) / 1000
  }
  const sending = bodies.map(sendInTurn)
  try {
    return await Promise.all(sending)
  } finally {
    await Promise.allSettled(sending)
    agent.destroy()
  }
}
