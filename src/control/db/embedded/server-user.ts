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

/** @param folder what the server must be able to pass through to its cluster */
export function serverUser(folder: string): ServerUser {
  if (process.getuid?.() !== 0) return self
  const owner = findUser('postgres') ?? findUser('nobody')
  if (owner === undefined) throw unusable(folder, 'there is neither a user postgres nor nobody to run it as')
  if (canPass(folder, owner)) return { owner, spawnAs: owner, commandPrefix: [] }
  // A folder below one of root's own (mktemp -d makes such): let the server pass through folders, and nothing more.
  const setpriv = [
    'setpriv',
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_read_search',
    '--ambient-caps=+dac_read_search',
  ]
  if (!works([...setpriv, 'true']))
    throw unusable(folder, `user ${owner.uid} can't pass through it, and setpriv is not there`)
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

function unusable(folder: string, found: string): PenstockError {
  return new PenstockError(
    'outside',
    'EMBEDDED_POSTGRES_USER',
    `the embedded PostgreSQL can't run below ${folder}: this process is root, and ${found}. Run Penstock as another user, give that folder's parents the mode 711, or set PENSTOCK_DATABASE_URL`,
  )
}
