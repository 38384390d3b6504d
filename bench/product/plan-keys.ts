/** The bench's side of the process that looks through keys: a new one each time, so that its peak memory is that of one folder. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { KeySegments } from '../generator/key-segments.ts'
import { workerEnv } from './house.ts'
import { workerFlags } from './worker-flags.ts'

export interface PlannedKeys {
  seconds: number
  cpuSeconds: number
  peakRssBytes: number
  /** Lines that lose against a newer one of the same event. */
  losing: number
}

export async function planKeys(segments: KeySegments): Promise<PlannedKeys> {
  const child = fork(join(import.meta.dirname, 'plan-process.ts'), {
    env: workerEnv,
    execArgv: workerFlags,
  })
  let planned: PlannedKeys | undefined
  child.once('message', (answer) => {
    planned = answer as PlannedKeys
  })
  child.send(segments)
  const [code] = await once(child, 'exit')
  if (planned === undefined) throw new Error(`the process that plans keys ended with ${code}`)
  return planned
}
