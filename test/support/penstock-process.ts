/** Penstock as its users start it: `bin/penstock` in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../../bin/penstock')

export type Env = Record<string, string>

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunningPenstock {
  url: string
  pid: number
  /** What it has logged so far. */
  log(): string
  /** Sends the signal and waits for the end of the process. */
  kill(signal: NodeJS.Signals): Promise<number | null>
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

/** Starts `serve` on a free port and resolves when it has said that it takes events. */
export async function startPenstock(env: Env, args: string[] = []): Promise<RunningPenstock> {
  const child = spawn(program, ['serve', ...args], {
    env: cleanEnv({ PENSTOCK_PORT: '0', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  const url = await firstUrl(child, () => log)
  return {
    url,
    pid: child.pid ?? 0,
    log: () => log,
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await once(child, 'exit')
      }
      return child.exitCode
    },
  }
}

async function firstUrl(child: ChildProcess, log: () => string): Promise<string> {
  let stdout = ''
  for await (const chunk of child.stdout ?? []) {
    stdout += chunk
    const url = /http:\/\/[\w.:[\]-]+/.exec(stdout)?.[0]
    if (url !== undefined) {
      child.stdout?.resume()
      return url
    }
  }
  throw new Error(`penstock serve ended before it took events:\n${stdout}\n${log()}`)
}

/** Runs one command to its end. */
export async function penstock(args: string[], env: Env, input?: string | Uint8Array): Promise<Finished> {
  const child = spawn(program, args, { env: cleanEnv(env), stdio: ['pipe', 'pipe', 'pipe'] })
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
export async function penstockJson<Document>(args: string[], env: Env): Promise<Document> {
  const { code, stdout, stderr } = await penstock([...args, '--json'], env)
  if (code !== 0) throw new Error(`penstock ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Document
}
