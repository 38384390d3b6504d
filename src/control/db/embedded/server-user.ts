/**
 * Who runs the embedded server. PostgreSQL refuses to run as root, which is what a container or a CI job often is;
 * then it runs as `postgres` or, where there is none, `nobody`.
 */
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PenstockError } from '../../../errors/penstock-error.ts'

export interface ServerUser {
  /** Undefined: this process's own user. */
  owner: { uid: number; gid: number } | undefined
  /** What spawn is told. */
  spawnAs: { uid: number; gid: number } | Record<string, never>
  /** Goes before the program. */
  commandPrefix: string[]
}

const self: ServerUser = { owner: undefined, spawnAs: {}, commandPrefix: [] }

/**
 * @param programs folder of PostgreSQL's programs
 * @param parent folder that the cluster is in
 */
export function serverUser(programs: string, parent: string): ServerUser {
  if (process.getuid?.() !== 0) return self
  const owner = findUser('postgres') ?? findUser('nobody')
  if (owner === undefined) throw unusable('there is neither a user postgres nor nobody to run it as')
  const closed = [programs, parent].filter((folder) => !canPass(folder, owner))
  if (closed.length === 0) return { owner, spawnAs: owner, commandPrefix: [] }
  // Below a folder of root's own (/root, or what mktemp -d makes): let the server pass through and read, nothing more.
  const setpriv = [
    'setpriv',
    // The programs ask access(2) whether they can run one another, which else looks away from capabilities.
    ...(closed.includes(programs) ? ['--securebits=+no_setuid_fixup'] : []),
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_read_search',
    '--ambient-caps=+dac_read_search',
  ]
  if (!works([...setpriv, 'true'])) {
    throw unusable(`user ${owner.uid} can't pass through ${closed.join(' and ')}, nor does setpriv help`)
  }
  return { owner, spawnAs: {}, commandPrefix: setpriv }
}

function findUser(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

/** Whether every folder down to this one may be passed through. */
function canPass(folder: string, { uid, gid }: { uid: number; gid: number }): boolean {
  for (let path = folder; ; path = dirname(path)) {
    const stat = statSync(path)
    const mask = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001
    if ((stat.mode & mask) === 0) return false
    if (path === dirname(path)) return true
  }
}

function works([command = '', ...args]: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function unusable(found: string): PenstockError {
  return new PenstockError(
    'outside',
    'EMBEDDED_POSTGRES_USER',
    `the embedded PostgreSQL can't run as root, which this process is, and ${found}. Run Penstock as another user, give that folder and its parents the mode 711, or set PENSTOCK_DATABASE_URL`,
  )
}
