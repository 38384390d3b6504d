/** The pass of one-pass.ts over many bodies, in as many threads as there are cores. */
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { WrongResult } from '../check/wrong-result.ts'
import type { Body } from '../generator/generated-day.ts'
import type { Sample } from '../harness/measure.ts'
import type { onePass } from './one-pass.ts'

export interface PassThreads {
  /** Throws WrongResult unless every event was seen. */
  pass(bodies: readonly Body[]): Promise<Sample>
  close(): Promise<void>
}

export function startPassThreads(): PassThreads {
  const threads = availableParallelism()
  const filename = new URL('../threads/worker.ts', import.meta.url).href
  const pool = new Piscina({ filename, minThreads: threads, maxThreads: threads })
  return {
    pass: async (bodies) => {
      const cpuBefore = process.cpuUsage()
      const startedMs = performance.now()
      const passed = await Promise.all(
        bodies.map(({ gzip }) => pool.run(gzip, { name: 'onePass' }) as Promise<ReturnType<typeof onePass>>),
      )
      const seconds = (performance.now() - startedMs) / 1000
      const { user, system } = process.cpuUsage(cpuBefore)
      const events = passed.reduce((sum, { events }) => sum + events, 0)
      const sent = bodies.reduce((sum, { events }) => sum + events, 0)
      if (events !== sent) throw new WrongResult(`the bare pass saw ${events} events of ${sent}`)
      return { value: sent / seconds, cpuSeconds: (user + system) / 1e6 }
    },
    close: () => pool.close(),
  }
}
