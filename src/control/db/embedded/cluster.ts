/** The files of an embedded cluster: made once, whole; started and stopped by whoever needs it. */
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { PenstockError } from '../../../errors/penstock-error.ts'
import { isFolder, type ServerPrograms } from './server-programs.ts'

export const databaseUser = 'penstock'

const settings = [
  'listen_addresses=127.0.0.1',
  // A socket's path may have 107 bytes, and data directories are longer.
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=64MB',
  'logging_collector=on',
  'log_directory=log',
  // One file a weekday, begun anew each week: the log is bounded.
  'log_filename=%a.log',
  'log_truncate_on_rotation=on',
  'log_rotation_size=0',
  // Parameters hold what tenants send.
  'log_parameter_max_length_on_error=0',
]

const passwordFileName = 'penstock-password'

/** The password that was made with the cluster, and stands in it: the server's own user and root can read it. */
export async function clusterPassword(cluster: string): Promise<string> {
  return (await readFile(join(cluster, passwordFileName), 'utf8')).trim()
}

/**
 * Makes the cluster where there is none: in a folder beside it that is renamed when it is whole, so a process that is
 * killed half-way, or two that do it at once, leave one cluster or none.
 */
export async function makeCluster(cluster: string, programs: ServerPrograms): Promise<void> {
  if (isFolder(cluster)) return
  await removeUnfinished(cluster)
  const fresh = `${cluster}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  await mkdir(fresh, { mode: 0o700 })
  const passwordFile = `${fresh}.password`
  const password = randomBytes(16).toString('hex')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (programs.owner !== undefined) {
    for (const path of [fresh, passwordFile]) await chown(path, programs.owner.uid, programs.owner.gid)
  }
  await programs.run('initdb', [
    `--pgdata=${fresh}`,
    `--username=${databaseUser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
  ])
  // The password goes with the cluster it opens: whoever loses the race keeps neither.
  await rename(passwordFile, join(fresh, passwordFileName))
  await rename(fresh, cluster).catch(async (cause: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true, force: true })
    if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause
  })
}

/** Clusters that were being made by processes that have ended. */
async function removeUnfinished(cluster: string): Promise<void> {
  const folder = dirname(cluster)
  for (const name of await readdir(folder)) {
    const pid = /^postgres\.(\d+)\.\w+\.new/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Starts the server as a process of its own, which outlives this one. Fails when another process was first. */
export async function startServer(
  cluster: string,
  programs: ServerPrograms,
  preferredPort?: number,
): Promise<void> {
  const port = await freePort(preferredPort)
  const options = [`port=${port}`, ...settings].map((setting) => `-c ${setting}`).join(' ')
  const log = join(cluster, 'start.log')
  await programs.run('pg_ctl', ['start', '-w', '-t', '60', '-D', cluster, '-l', log, '-o', options])
}

export async function stopServer(cluster: string, programs: ServerPrograms): Promise<void> {
  await programs.run('pg_ctl', ['stop', '-w', '-t', '60', '-m', 'fast', '-D', cluster])
}

export interface Postmaster {
  pid: number
  port: number
  ready: boolean
}

/** What postmaster.pid says: its lines are pid, folder, start time, port, socket folder, address, shared memory, state. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Math.abs(Number(lines[0])), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
}

/**
 * Removes a postmaster.pid whose process is gone or, after a restart of the machine or container, is another program's:
 * PostgreSQL refuses to start while a process of its own user has that pid.
 */
export async function removeStalePid(cluster: string, pid: number): Promise<void> {
  if (await isPostgres(pid)) return
  await rm(join(cluster, 'postmaster.pid'), { force: true })
}

async function isPostgres(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  // Where there is no /proc, only PostgreSQL itself can tell.
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'postgres')
  return name.trim() === 'postgres'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function freePort(preferred = 0): Promise<number> {
  const server = createServer()
  const port = await new Promise<number | undefined>((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(preferred, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' ? address?.port : undefined)
    })
  })
  server.close()
  if (port !== undefined) return port
  if (preferred !== 0) return await freePort()
  throw new PenstockError('outside', 'EMBEDDED_POSTGRES_FAILED', 'there is no free port on 127.0.0.1', {
    retryable: true,
  })
}
