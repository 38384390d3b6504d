/** What `postmaster.pid`, the lock file of a running server, says, and whether it can be believed. */
import { randomBytes } from 'node:crypto'
import { link, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'

export interface Postmaster {
  pid: number
  port: number
  ready: boolean
  /** The file as it was read. */
  text: string
}

/** Its lines are pid, folder, start time, port, socket folder, address, shared memory, state. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return {
    pid: Math.abs(Number(lines[0])),
    port: Number(lines[3]),
    ready: lines[7]?.trim() === 'ready',
    text,
  }
}

/**
 * Whether the process of that pid is this cluster's server, and not another program that got the number since. In doubt
 * it is: to wait for a server that isn't there is an error message, to start a second one is the end of the data.
 */
export async function isServerOf(cluster: string, { pid }: Postmaster): Promise<boolean> {
  if (!isAlive(pid)) return false
  // Everybody may read a command line. A process that has ended and that nobody has asked about yet has an empty one.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  if (commandLine === undefined) return isAlive(pid)
  const [program = '', ...args] = commandLine.split('\0')
  const folder = args[args.indexOf('-D') + 1] ?? ''
  return basename(program) === 'postgres' && (await isSameFolder(folder, cluster))
}

async function isSameFolder(left: string, right: string): Promise<boolean> {
  const [leftReal, rightReal] = await Promise.all(
    [left, right].map((path) => realpath(path).catch(() => undefined)),
  )
  return leftReal !== undefined && leftReal === rightReal
}

/**
 * Takes away a lock file whose pid is another program's now: after a restart of the machine or container, PostgreSQL
 * would refuse to start while a process of its user has that pid. A file that a server has written since `stale` was
 * read must stay: without it a second server could start on the same files and destroy them.
 */
export async function removeStaleLock(cluster: string, stale: Postmaster): Promise<void> {
  // PostgreSQL itself sees that a dead process's file means nothing, without a race.
  if (!isAlive(stale.pid)) return
  const path = join(cluster, 'postmaster.pid')
  const aside = `${path}.${randomBytes(4).toString('hex')}.stale`
  await rename(path, aside).catch(() => undefined)
  const found = await readFile(aside, 'utf8').catch(() => undefined)
  if (found === undefined) return
  if (found !== stale.text) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
