/**
 * A PostgreSQL as an operator runs it who wants to go back to any moment: it archives its write-ahead log, is backed up while
 * it works, and starts elsewhere as of a time.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { clusterPassword, databaseUser, makeCluster } from '../../src/control/db/embedded/cluster.ts'
import { readPostmaster } from '../../src/control/db/embedded/postmaster.ts'
import { startServer } from '../../src/control/db/embedded/server.ts'
import { findServerPrograms, type ServerPrograms } from '../../src/control/db/embedded/server-programs.ts'

export interface ArchivingPostgres {
  url: string
  query<Row extends pg.QueryResultRow>(statement: string): Promise<Row>
  /** A base back-up into a new folder, while everything goes on. */
  backUp(into: string): Promise<void>
  /** Ends it at once, as if its machine had gone. */
  kill(): Promise<void>
}

/** @param folder what the cluster and its archive are made in */
export async function startArchivingPostgres(folder: string): Promise<ArchivingPostgres> {
  const cluster = join(folder, 'cluster')
  const programs = findServerPrograms(cluster)
  await makeCluster(cluster, programs)
  const archive = archiveOf(folder)
  await mkdirFor(programs, archive)
  await appendFile(
    join(cluster, 'postgresql.conf'),
    `archive_mode = on\narchive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'\n`,
  )
  return await start(cluster, programs)
}

/**
 * Starts a base back-up as of a time.
 * @param archive the folder in which the server was started that archived
 */
export async function restorePostgres(
  backUp: string,
  archive: string,
  time: string,
): Promise<ArchivingPostgres> {
  const programs = findServerPrograms(backUp)
  const settings = [
    `restore_command = 'cp ${archiveOf(archive)}/%f %p'`,
    `recovery_target_time = '${time}'`,
    "recovery_target_action = 'promote'",
    'archive_mode = off',
  ]
  await appendFile(join(backUp, 'postgresql.conf'), `${settings.join('\n')}\n`)
  await writeFor(programs, join(backUp, 'recovery.signal'), '')
  const restored = await start(backUp, programs)
  while ((await restored.query<{ recovering: boolean }>('select pg_is_in_recovery() recovering')).recovering)
    await new Promise((resolve) => setTimeout(resolve, 50))
  return restored
}

function archiveOf(folder: string): string {
  return join(folder, 'archive')
}

async function start(cluster: string, programs: ServerPrograms): Promise<ArchivingPostgres> {
  await startServer(cluster, programs)
  const port = (await readPostmaster(cluster))?.port
  const password = await clusterPassword(cluster)
  const url = `postgres://${databaseUser}:${password}@127.0.0.1:${port}/postgres`
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(statement: string) =>
      (await client.query<Row>(statement)).rows[0] as Row,
    backUp: (into) => backUp(client, cluster, into, programs),
    kill: async () => {
      await client.end().catch(() => undefined)
      await programs.run('pg_ctl', ['stop', '-m', 'immediate', '-D', cluster])
    },
  }
}

/** What pg_basebackup does, which npm's package of PostgreSQL does not have. */
async function backUp(
  client: pg.Client,
  cluster: string,
  into: string,
  programs: ServerPrograms,
): Promise<void> {
  await mkdirFor(programs, into)
  await client.query("select pg_backup_start('penstock test', true)")
  const tape = `${into}.tar`
  const leftOut = ['./postmaster.pid', './pg_wal/*', './log'].map((path) => `--exclude=${path}`)
  // 1: files changed while they were read, which the log of the back-up makes good.
  await tar(['-C', cluster, ...leftOut, '-cf', tape, '.'], [0, 1])
  await tar(['-C', into, '-xpf', tape], [0])
  await rm(tape)
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()')
  await writeFor(programs, join(into, 'backup_label'), rows[0]?.labelfile ?? '')
}

async function tar(args: string[], fine: number[]): Promise<void> {
  const child = spawn('tar', args, { stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (!fine.includes(code as number)) throw new Error(`tar ${args.join(' ')} ended with ${code}`)
}

async function mkdirFor({ owner }: ServerPrograms, path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 })
  await chmod(path, 0o700)
  if (owner !== undefined) await chown(path, owner.uid, owner.gid)
}

async function writeFor({ owner }: ServerPrograms, path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 })
  if (owner !== undefined) await chown(path, owner.uid, owner.gid)
}
