/** One process of `bin/penstock`, with its log in a file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export type Env = Record<string, string>

const program = join(import.meta.dirname, '../bin/penstock')
/** `serve` itself gives up waiting earlier. */
const stopWaitMs = 60_000

export interface Launched {
  /** The JSON document that it prints; rejects where it ends without one. */
  document(signal: AbortSignal): Promise<unknown>
  /** Resolves when it is over. */
  ended: Promise<void>
  /** Tells it to end, and waits until it has. */
  stop(): Promise<void>
}

export function launch(args: string[], env: Env, folder: string): Launched {
  const name = args[0] ?? 'penstock'
  const log = openSync(join(folder, `${name}.log`), 'a')
  // It leads a process group of its own: Ctrl-C in a terminal must reach the demo alone. The demo then sends one SIGTERM,
  // upon which Penstock stops its database; a second signal would end it at once and leave the database behind.
  const child = spawn(program, [...args, '--json'], {
    cwd: folder,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', log],
  })
  closeSync(log)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return {
    ended,
    document: async (signal) => {
      const lines = createInterface({ input: child.stdout as Readable })
      const line = once(lines, 'line', { signal }).then(([text]) => JSON.parse(String(text)) as unknown)
      const end = once(lines, 'close', { signal }).then(() => {
        throw new Error(`penstock ${args.join(' ')} ended before it was ready`)
      })
      return await Promise.race([line, end])
    },
    stop: async () => {
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), stopWaitMs)
      await ended
      clearTimeout(kill)
    },
  }
}
