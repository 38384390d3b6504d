import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { readPostmaster } from '../../src/control/db/embedded/postmaster.ts'

/** Ends the embedded PostgreSQL of a data directory at once, if one runs there. */
export async function killDatabase(dataDir: string): Promise<void> {
  const pid = (await readPostmaster(join(dataDir, 'postgres')))?.pid
  // The file outlives a killed server, and its pid may be another process's by now.
  if (pid === undefined || !commandOf(pid).includes(dataDir)) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It ended in between.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
