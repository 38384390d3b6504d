/** A serving Penstock in a process of its own, whose clock the test sets. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Env } from '../penstock-process.ts'

const program = join(import.meta.dirname, '../clocked-serve-process.ts')

export interface ClockedPenstock {
  url: string
  /** From now on its clock goes on from there. */
  setClock(nowMs: number): void
  /** Waits for the end of the process. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Resolves when it takes events. @param nowMs what its clock shows at the start */
export async function startClockedPenstock(env: Env, nowMs: number): Promise<ClockedPenstock> {
  const child = fork(program, [String(nowMs)], {
    env: { PATH: process.env.PATH ?? '', AWS_EC2_METADATA_DISABLED: 'true', PENSTOCK_PORT: '0', ...env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  return {
    url: await firstMessage(child),
    setClock: (ms) => void child.send(ms),
    end: async (signal) => {
      child.kill(signal)
      await exited
    },
  }
}

async function firstMessage(child: ChildProcess): Promise<string> {
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the serving process ended with ${code} before it took events`)
  })
  const [url] = (await Promise.race([once(child, 'message'), died])) as [string]
  // Its later end is no news.
  died.catch(() => undefined)
  return url
}
