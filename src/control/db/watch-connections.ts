/**
 * Finds connections on which an answer will never come: the server's host is gone, or another has taken its address, or something
 * between drops what is sent, and says nothing. The system would find out in a quarter of an hour.
 *
 * How long a query takes tells nothing: a merge may take minutes. So where nothing has come for a while the server is asked, on a
 * connection of its own, whether it is at work for the one that waits. What neither brings a byte nor is worked for ends.
 */
import { Socket } from 'node:net'
import pg from 'pg'
import { elapsedMs } from '../../elapsed.ts'

export interface WatchOptions {
  applicationName: string
  /** Between two looks, milliseconds; also how long nothing has come when the server is asked. */
  lookMs: number
  /** How long a connection may wait without a sign of life from the server, milliseconds. */
  silentMsMax: number
  /** Told of each connection that was ended, and how long it was silent. */
  onSilent?: ((silentMs: number) => void) | undefined
}

export interface ConnectionWatch {
  /** What a connection is to be opened on. */
  openSocket(): Socket
  /** From now on; resolves when the connection can be used. */
  add(client: pg.ClientBase): Promise<void>
  /** Ends every connection at once, also those that are being opened or shall be later: what waits there fails. */
  breakOff(): void
  stop(): void
}

interface Watched {
  client: Waiting
  /** By which the server knows it; 0 until it has said so. */
  pid: number
  bytesRead: number
  aliveAtMs: number
}

/** pg tells in no documented way that a query is unanswered; its tests in this repository would break with it. */
interface Waiting {
  readyForQuery: boolean
  connection: { stream: { bytesRead: number; destroy(): void } }
}

/** Of a look; a server that takes longer says nothing for now. */
const answerMsMax = 5000
/** Whoever can't get rid of an answer doesn't work any more. */
const workingPids = `select pid from pg_stat_activity
  where datname = current_database() and state = 'active' and wait_event is distinct from 'ClientWrite'`
/** The server has no connection left, but it speaks. */
const tooManyConnections = '53300'

/** @param url of the database that all of the connections lead to */
export function watchConnections(url: string, options: WatchOptions): ConnectionWatch {
  const all = new Set<Watched>()
  const sockets = new Set<Socket>()
  let isBrokenOff = false
  let isLooking = false
  const looking = setInterval(async () => {
    if (isLooking) return
    isLooking = true
    await lookAt([...all], url, options)
    isLooking = false
  }, options.lookMs)
  looking.unref()
  return {
    openSocket: () => {
      const socket = new Socket()
      sockets.add(socket)
      // Once whoever wants it has listeners on it.
      if (isBrokenOff) setImmediate(() => socket.destroy())
      return socket.once('close', () => sockets.delete(socket))
    },
    add: async (client) => {
      const watched = { client: client as unknown as Waiting, pid: 0, bytesRead: 0, aliveAtMs: elapsedMs() }
      all.add(watched)
      client.once('end', () => all.delete(watched))
      // What a pooler between has said at the beginning is a number of its own.
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      watched.pid = rows[0]?.pid ?? 0
    },
    breakOff: () => {
      isBrokenOff = true
      for (const socket of sockets) socket.destroy()
    },
    stop: () => clearInterval(looking),
  }
}

async function lookAt(all: Watched[], url: string, options: WatchOptions): Promise<void> {
  const quiet = all.filter((watched) => silentMs(watched) >= options.lookMs)
  if (quiet.length === 0) return
  const works = await askWhoseWorkGoesOn(url, options.applicationName)
  for (const watched of quiet) {
    if (works(watched.pid)) watched.aliveAtMs = elapsedMs()
    // Looked at anew: what came while this process was stopped is read only now.
    const silent = silentMs(watched)
    if (silent < options.silentMsMax) continue
    watched.client.connection.stream.destroy()
    options.onSilent?.(silent)
  }
}

/** 0 where nothing is waited for. */
function silentMs(watched: Watched): number {
  const { readyForQuery, connection } = watched.client
  const { bytesRead } = connection.stream
  if (readyForQuery || bytesRead !== watched.bytesRead) {
    watched.bytesRead = bytesRead
    watched.aliveAtMs = elapsedMs()
  }
  return elapsedMs() - watched.aliveAtMs
}

async function askWhoseWorkGoesOn(url: string, applicationName: string): Promise<(pid: number) => boolean> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `${applicationName} watch`,
    connectionTimeoutMillis: answerMsMax,
    query_timeout: answerMsMax,
  })
  // What breaks it fails the question.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ pid: number }>(workingPids)
    const working = new Set(rows.map(({ pid }) => pid))
    return (pid) => working.has(pid)
  } catch (cause) {
    const speaks = cause instanceof Error && 'code' in cause && cause.code === tooManyConnections
    return () => speaks
  } finally {
    // It may be as silent as those that are asked about.
    void client.end().catch(() => undefined)
  }
}
