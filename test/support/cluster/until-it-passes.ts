import { setTimeout as sleep } from 'node:timers/promises'

const triesMax = 20

/** For calls of the suite itself: a connection that was kept may be closed just as it is used again. */
export async function untilItPasses<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (tries === triesMax) throw error
      await sleep(200)
    }
  }
}
