import type { FastifyInstance } from 'fastify'
import { PenstockError } from '../errors/penstock-error.ts'

/**
 * Listens on host and port; port 0 means any that is free.
 * @returns the URL
 * @throws PenstockError LISTEN_FAILED with what to change
 */
export async function listen(
  server: FastifyInstance,
  { host, port }: { host: string; port: number },
  settingNames = 'PENSTOCK_HOST and PENSTOCK_PORT',
): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const problem = problems[code] ?? `can't be listened on (${code || String(cause)})`
    throw new PenstockError(
      'outside',
      'LISTEN_FAILED',
      `port ${port} of ${host} ${problem}. ${settingNames} say where to listen.`,
      { cause },
    )
  }
}

const problems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process: stop that one, or take another port',
  EACCES: 'is not for this user: ports below 1024 are reserved on most systems, so take a higher one',
  EADDRNOTAVAIL: 'is on no network interface of this machine',
  ENOTFOUND: 'is under no name that this machine can resolve',
}
