/** Starts and stops the server of a cluster, and says what it logged when it doesn't come up. */
import { open, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PenstockError } from '../../../errors/penstock-error.ts'
import { isServerOf, readPostmaster } from './postmaster.ts'
import type { ServerPrograms } from './server-programs.ts'

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

/** Starts the server as a process of its own, which outlives this one. Fails when another process was first. */
export async function startServer(
  cluster: string,
  programs: ServerPrograms,
  preferredPort?: number,
): Promise<void> {
  const port = await freePort(preferredPort)
  const options = [`port=${port}`, ...settings].map((setting) => `-c ${setting}`).join(' ')
  const log = join(cluster, startLogName)
  await programs.run('pg_ctl', ['start', '-w', '-t', '60', '-D', cluster, '-l', log, '-o', options])
}

const stopTimeoutMs = 60_000
const pollMs = 50

/**
 * Stops the server and waits for its end. pg_ctl would wait until there is no server at all, and takes one that somebody
 * else has started meanwhile for the one that it has stopped.
 */
export async function stopServer(cluster: string, programs: ServerPrograms): Promise<void> {
  const postmaster = await readPostmaster(cluster)
  if (postmaster === undefined) return
  await programs.run('pg_ctl', ['stop', '-W', '-m', 'fast', '-D', cluster])
  const deadline = performance.now() + stopTimeoutMs
  while (await isServerOf(cluster, postmaster)) {
    if (performance.now() > deadline) throw notStoppedError(cluster)
    await sleep(pollMs)
  }
}

function notStoppedError(cluster: string): PenstockError {
  return new PenstockError(
    'outside',
    'EMBEDDED_POSTGRES_FAILED',
    `the embedded PostgreSQL of ${cluster} was told to stop and has not in ${stopTimeoutMs / 1000} seconds; its log says why`,
    { retryable: true },
  )
}

/** What the server says before it has opened its own log. */
const startLogName = 'start.log'
const logTailBytes = 1500

/** The ends of the server's logs, of which one says why it doesn't come up. */
export async function readLogTail(cluster: string): Promise<string> {
  const names = await readdir(join(cluster, 'log')).catch(() => [])
  const logs = [startLogName, ...names.map((name) => join('log', name))].map((name) => join(cluster, name))
  const tails = await Promise.all(logs.map((path) => readTail(path).catch(() => undefined)))
  return tails
    .filter((tail) => tail !== undefined)
    .sort((left, right) => left.changedMs - right.changedMs)
    .slice(-2)
    .map(({ text }) => text)
    .join('\n')
}

async function readTail(path: string): Promise<{ text: string; changedMs: number }> {
  const file = await open(path, 'r')
  try {
    const { size, mtimeMs } = await file.stat()
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(logTailBytes),
      position: Math.max(0, size - logTailBytes),
    })
    return { text: buffer.toString('utf8', 0, bytesRead).trim(), changedMs: mtimeMs }
  } finally {
    await file.close()
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
