import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface EmbeddedUser {
  /** Lets it leave, and gives its exit code. */
  leave(): Promise<number>
  kill(): Promise<void>
}

/** Starts a process that uses the embedded PostgreSQL of a data directory; resolves when it does. */
export async function startEmbeddedUser(dataDir: string): Promise<EmbeddedUser> {
  const script = join(import.meta.dirname, 'embedded-user-process.ts')
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const ended = once(child, 'exit')
  const ready = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!ready) throw new Error(`a user of the embedded PostgreSQL ended before it was ready: ${said}`)
  return {
    leave: async () => {
      child.stdin.end('leave\n')
      const [code] = await ended
      if (code !== 0) throw new Error(`a user of the embedded PostgreSQL failed: ${said}`)
      return code
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
