/**
 * The embedded PostgreSQL of a data directory, shared by every process that uses it: serve, commands beside it, a
 * second serve.
 *
 *   nobody ──open──▶ running, with users ──last release──▶ stopped
 *                          │ ▲
 *   kill -9 of all users ──┘ └── the next open finds it running
 *
 * Whoever comes first starts it, as a process of its own. Each user holds a shared advisory lock for as long as it is
 * connected; whoever leaves tries to take that lock alone, and stops the server if it could. A process that dies lets
 * go of its lock with its connection.
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { PenstockError } from '../../../errors/penstock-error.ts'
import { clusterPassword, databaseUser, makeCluster } from './cluster.ts'
import { isServerOf, readPostmaster, removeStaleLock } from './postmaster.ts'
import { readLogTail, startServer, stopServer } from './server.ts'
import { findServerPrograms, type ServerPrograms } from './server-programs.ts'

export interface EmbeddedPostgres {
  url: string
  /** Call it when every other connection of this process is closed. */
  release(): Promise<void>
}

/** Any number that nothing else on the embedded database locks. */
const usersLock = 5_417_263
const openTimeoutMs = 60_000
const pollMs = 50
/**
 * Starts in a row that may fail before the reason is told. Some pass by themselves: another process was first, the port
 * was taken in between, the backends of a server that was killed are still there.
 */
const startFailuresMax = 12

/** Starts the server or joins those that use it. The database of the URL is there. */
export async function openEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const cluster = join(resolve(dataDir), 'postgres')
  await orUnusable(dataDir, mkdir(resolve(dataDir), { recursive: true }))
  const programs = findServerPrograms(cluster)
  await orUnusable(dataDir, makeCluster(cluster, programs))
  const { client, port } = await joinServer(cluster, programs)
  const presence = keepPresence(cluster, programs, client, port)
  const password = await clusterPassword(cluster)
  return {
    url: `postgres://${databaseUser}:${password}@127.0.0.1:${port}/postgres`,
    release: async () => await leaveServer(cluster, programs, await presence.end()),
  }
}

async function orUnusable(dataDir: string, making: Promise<unknown>): Promise<void> {
  try {
    await making
  } catch (cause) {
    if (cause instanceof PenstockError) throw cause
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new PenstockError(
      'outside',
      'DATA_DIR_UNUSABLE',
      `the data directory ${resolve(dataDir)} can't be used: ${said}. PENSTOCK_DATA_DIR must name a folder that this user may write to, on a disk with room.`,
      { cause },
    )
  }
}

interface Joined {
  /** Holds the shared lock that says: in use. */
  client: pg.Client
  port: number
}

/** @param samePort the one that this process's URL names, when the server has to be started again */
async function joinServer(cluster: string, programs: ServerPrograms, samePort?: number): Promise<Joined> {
  const deadline = performance.now() + openTimeoutMs
  let failures = 0
  let problem: unknown
  while (performance.now() < deadline && failures < startFailuresMax) {
    const postmaster = await readPostmaster(cluster)
    if (postmaster !== undefined && (await isServerOf(cluster, postmaster))) {
      const client = postmaster.ready ? await connectUser(cluster, postmaster.port) : undefined
      if (client !== undefined) return { client, port: postmaster.port }
      await sleep(pollMs)
      continue
    }
    if (postmaster !== undefined) await removeStaleLock(cluster, postmaster)
    try {
      await startServer(cluster, programs, samePort)
      failures = 0
    } catch (cause) {
      problem = cause
      failures += 1
      await sleep(pollMs * failures)
    }
  }
  throw await startFailure(cluster, problem)
}

async function startFailure(cluster: string, cause: unknown): Promise<PenstockError> {
  const said = [cause instanceof Error ? cause.message : '', await readLogTail(cluster)].join('\n').trim()
  return new PenstockError(
    'outside',
    'EMBEDDED_POSTGRES_FAILED',
    `the embedded PostgreSQL of ${cluster} does not come up. ${said}\nPut right what it says, or set PENSTOCK_DATABASE_URL to a PostgreSQL of your own.`,
    { cause, retryable: true },
  )
}

/** Connects and takes the shared lock; undefined while the server starts, stops, or is held by who stops it. */
async function connectUser(cluster: string, port: number): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: databaseUser,
    password: await clusterPassword(cluster),
    database: 'postgres',
    application_name: 'penstock presence',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select pg_advisory_lock_shared($1)', [usersLock])
    return client
  } catch {
    await client.end().catch(() => undefined)
    return undefined
  }
}

interface Presence {
  /** The connection, no longer watched. */
  end(): Promise<pg.Client | undefined>
}

/** Joins again, on the same port, when the server goes although this process uses it: somebody killed it. */
function keepPresence(cluster: string, programs: ServerPrograms, first: pg.Client, port: number): Presence {
  let ended = false
  let current: Promise<pg.Client | undefined> = Promise.resolve(first)
  const watch = (client: pg.Client): void => {
    client.once('end', () => {
      if (!ended) current = rejoin()
    })
  }
  const rejoin = async (): Promise<pg.Client | undefined> => {
    while (!ended) {
      const joined = await joinServer(cluster, programs, port).catch(() => undefined)
      if (joined?.port === port) {
        watch(joined.client)
        return joined.client
      }
      await joined?.client.end()
      await sleep(1000)
    }
    return undefined
  }
  watch(first)
  return {
    end: async () => {
      ended = true
      return await current
    },
  }
}

/** Stops the server if nobody else uses it. */
async function leaveServer(
  cluster: string,
  programs: ServerPrograms,
  client: pg.Client | undefined,
): Promise<void> {
  if (client === undefined) return
  try {
    // Whoever comes now waits for the lock, meets the end of the server, and starts it again.
    if (await isLastUser(client)) await stopServer(cluster, programs)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function isLastUser(client: pg.Client): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [usersLock])
    const { rows } = await client.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [
      usersLock,
    ])
    return rows[0]?.alone === true
  } catch {
    // Another user left at the same time, was the last after all, and has stopped it.
    return false
  }
}
