/**
 * A PostgreSQL with a synchronous replica: a commit is answered when both have it, so whichever of them is left has every
 * commit that anybody was told of.
 *
 *   paired ──fail over: the primary is killed, the replica promoted──▶ alone ──a new replica is made of it──▶ paired
 *
 * Nothing is failed over while there is one server alone: that would lose commits, and whoever operates a pair must not.
 */
import { execFile } from 'node:child_process'
import { appendFile, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { clusterPassword, databaseUser, makeCluster } from '../../../src/control/db/embedded/cluster.ts'
import { readPostmaster } from '../../../src/control/db/embedded/postmaster.ts'
import { startServer, stopServer } from '../../../src/control/db/embedded/server.ts'
import { findServerPrograms, type ServerPrograms } from '../../../src/control/db/embedded/server-programs.ts'
import type { TcpServer } from '../tcp-gate.ts'

export interface PostgresPair {
  /** Of the server that takes writes, for who goes there by `address`. */
  url(address: TcpServer): string
  primary(): TcpServer
  /** Ends the primary at once, or lets it end its connections, and starts it again. */
  restart(how: 'at once' | 'orderly'): Promise<void>
  /** Ends the primary at once and promotes the replica. Resolves when it takes writes. */
  failOver(): Promise<void>
  /** Makes a new replica. Resolves when commits wait for it. */
  pairUp(): Promise<void>
  stop(): Promise<void>
}

interface Server extends TcpServer {
  cluster: string
}

const settings = [
  // The machine does not lose its power here: what a killed server has written is there.
  'fsync = off',
  'full_page_writes = off',
  'wal_keep_size = 512MB',
  'max_wal_size = 1GB',
  'synchronous_commit = on',
  // A connection whose process is stopped, or cut off, is not kept for the two hours that are usual.
  'tcp_keepalives_idle = 5',
]

/** @param folder of its own; every user may go into it, for the server has a user of its own */
export async function openPostgresPair(folder: string): Promise<PostgresPair> {
  const programs = findServerPrograms(join(folder, 'first'))
  const password = await makeFirst(join(folder, 'first'), programs)
  let primary = await startCluster(join(folder, 'first'), programs)
  let replica: Server | undefined
  let made = 0
  const url = ({ host, port }: TcpServer): string =>
    `postgres://${databaseUser}:${password}@${host}:${port}/postgres`

  const pairUp = async (): Promise<void> => {
    const cluster = join(await mkdtemp(join(folder, 'replica-')), `cluster-${made++}`)
    if (programs.owner !== undefined) await chown(join(cluster, '..'), programs.owner.uid, programs.owner.gid)
    await copyCluster(url(primary), primary.cluster, cluster)
    const { host, port } = primary
    const source = `host=${host} port=${port} user=${databaseUser} password=${password}`
    await appendFile(join(cluster, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`)
    replica = await startCluster(cluster, programs)
    await ask(url(primary), `alter system set synchronous_standby_names = '*'`)
    await ask(url(primary), 'select pg_reload_conf()')
    await until(async () => {
      const { rows } = await ask(url(primary), 'select sync_state from pg_stat_replication')
      return rows.some(({ sync_state }) => sync_state === 'sync')
    })
  }
  await pairUp()
  return {
    url,
    primary: () => primary,
    restart: async (how) => {
      if (how === 'orderly') await stopServer(primary.cluster, programs)
      else await killServer(primary.cluster)
      primary = await startCluster(primary.cluster, programs, primary.port)
    },
    failOver: async () => {
      if (replica === undefined) throw new Error('there is no replica to fail over to')
      await killServer(primary.cluster)
      const gone = primary.cluster
      primary = replica
      replica = undefined
      await programs.run('pg_ctl', ['promote', '-w', '-t', '60', '-D', primary.cluster])
      // Alone, it would wait for ever for somebody to have its commits too.
      await ask(url(primary), `alter system set synchronous_standby_names = ''`)
      await ask(url(primary), 'select pg_reload_conf()')
      await rm(gone, { recursive: true, force: true, maxRetries: 5 })
    },
    pairUp,
    stop: async () => {
      for (const server of [replica, primary]) {
        if (server !== undefined) await killServer(server.cluster)
      }
    },
  }
}

async function makeFirst(cluster: string, programs: ServerPrograms): Promise<string> {
  await makeCluster(cluster, programs)
  await appendFile(join(cluster, 'postgresql.auto.conf'), `${settings.join('\n')}\n`)
  return await clusterPassword(cluster)
}

const startsMax = 10

async function startCluster(cluster: string, programs: ServerPrograms, port?: number): Promise<Server> {
  // On a busy machine the port, or the memory of the server before, may not be free yet.
  for (let tries = 1; ; tries++) {
    try {
      await startServer(cluster, programs, port)
      break
    } catch (error) {
      if (tries === startsMax) throw error
      await sleep(1000)
    }
  }
  const postmaster = await readPostmaster(cluster)
  if (postmaster === undefined) throw new Error(`PostgreSQL of ${cluster} has ended again`)
  return { host: '127.0.0.1', port: postmaster.port, cluster }
}

async function killServer(cluster: string): Promise<void> {
  const postmaster = await readPostmaster(cluster)
  if (postmaster === undefined) return
  process.kill(postmaster.pid, 'SIGKILL')
  await until(async () => !isThere(postmaster.pid))
  // Its children go by themselves; a server that is started before would find their memory in use.
  await sleep(300)
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A back-up in the making while the server runs, by copying its files: what pg_basebackup does. */
async function copyCluster(url: string, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("select pg_backup_start('replica', true)")
    // Files come and go meanwhile: what the copy lacks, or has half, the log that follows brings.
    await promisify(execFile)('cp', ['-a', from, to]).catch(() => undefined)
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
    const { uid, gid } = await stat(from)
    for (const [name, text] of [
      ['backup_label', rows[0]?.labelfile ?? ''],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(join(to, name), text)
      await chown(join(to, name), uid, gid)
    }
    for (const name of ['postmaster.pid', 'postmaster.opts', 'pg_stat_tmp'])
      await rm(join(to, name), { recursive: true, force: true })
  } finally {
    await client.end()
  }
}

async function ask(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}

const waitMsMax = 180_000

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endsMs = performance.now() + waitMsMax
  while (!(await isSo())) {
    if (performance.now() > endsMs) throw new Error('PostgreSQL did not get there in three minutes')
    await sleep(100)
  }
}
