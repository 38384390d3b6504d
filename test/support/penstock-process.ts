/** Penstock as its users start it: `bin/penstock` in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** This version's; tests of upgrades start others too. */
export const program = join(import.meta.dirname, '../../bin/penstock')

export type Env = Record<string, string>

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface StartingPenstock {
  pid: number
  /** Its URL, once it has said that it takes events; undefined when it ended before. */
  ready: Promise<string | undefined>
  /** What it has logged so far. */
  log(): string
  /** What it has told whoever started it, on standard output. */
  said(): string
  /** Sends the signal and waits for the end of the process. */
  kill(signal: NodeJS.Signals): Promise<number | null>
  /** Its exit code, once it has ended; null where a signal ended it. */
  ended: Promise<number | null>
}

export interface RunningPenstock extends StartingPenstock {
  url: string
}

/** Only what a test names: settings of the machine must not leak in. */
function cleanEnv(env: Env): Env {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '/',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  }
}

/** Starts `serve` on a free port. */
export function spawnPenstock(env: Env, args: string[] = [], version = program): StartingPenstock {
  const child = spawn(version, ['serve', ...args], {
    env: cleanEnv({ PENSTOCK_PORT: '0', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  let said = ''
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  const ready = new Promise<string | undefined>((resolve) => {
    child.stdout.on('data', (chunk) => {
      said += chunk
      const url = /https?:\/\/[\w.:[\]-]+/.exec(said)?.[0]
      if (url !== undefined) resolve(url)
    })
    child.stdout.on('end', () => resolve(undefined))
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    pid: child.pid ?? 0,
    ready,
    log: () => log,
    said: () => said,
    kill: async (signal) => {
      child.kill(signal)
      return await ended
    },
    ended,
  }
}

/** Starts `serve` on a free port and resolves when it has said that it takes events. */
export async function startPenstock(
  env: Env,
  args: string[] = [],
  version = program,
): Promise<RunningPenstock> {
  const starting = spawnPenstock(env, args, version)
  const url = await starting.ready
  if (url === undefined) throw new Error(`penstock serve ended before it took events:\n${starting.log()}`)
  return { ...starting, url }
}

/** Runs one command to its end. */
export async function penstock(
  args: string[],
  env: Env,
  input?: string | Uint8Array,
  version = program,
): Promise<Finished> {
  const child = spawn(version, args, { env: cleanEnv(env), stdio: ['pipe', 'pipe', 'pipe'] })
  const finished: Finished = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    finished.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    finished.stderr += chunk
  })
  // A command that reads no input may end before it is given any.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { ...finished, code }
}

/** Runs a command with `--json` and gives its document; throws when it failed. */
export async function penstockJson<Document>(args: string[], env: Env, version = program): Promise<Document> {
  const { code, stdout, stderr } = await penstock([...args, '--json'], env, undefined, version)
  if (code !== 0) throw new Error(`penstock ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Document
}
