/** The demo's temporary folder, and the Penstock processes in it. */
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Env, type Launched, launch } from './launch.ts'

export interface Stage {
  /** Everything of the demo is below it. */
  folder: string
  /** Runs a command to its end and gives its JSON document. */
  run(args: string[], env: Env): Promise<unknown>
  /** Starts a command that stays, and gives the JSON document that it prints when it is ready. */
  start(args: string[], env: Env): Promise<unknown>
  /** The last lines of what the processes logged. */
  logTails(): Promise<string>
  /** Ends what was started, the last first, and removes the folder. */
  close(): Promise<void>
}

const logTailLines = 15

/** @param signal ends waiting for commands; `close` ends the commands themselves */
export async function openStage(signal: AbortSignal): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-demo-'))
  // Where root runs the demo, its PostgreSQL runs as another user, who has to reach its files below.
  await chmod(folder, 0o711)
  const started: { process: Launched; stays: boolean }[] = []
  const begin = (args: string[], env: Env, stays: boolean): Launched => {
    signal.throwIfAborted()
    const process = launch(args, env, folder)
    started.push({ process, stays })
    return process
  }
  return {
    folder,
    run: async (args, env) => {
      const process = begin(args, env, false)
      const document = await process.document(signal)
      await process.ended
      return document
    },
    start: async (args, env) => await begin(args, env, true).document(signal),
    logTails: async () => await readLogTails(folder),
    close: async () => {
      // A command that ends by itself is left to: told to stop half-way, it could leave its database running.
      for (const { process, stays } of started.toReversed()) await (stays ? process.stop() : process.ended)
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function readLogTails(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'))
  const tails = names.map(async (name) => {
    const lines = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')
    return lines[0] === '' ? '' : [`-- ${name}`, ...lines.slice(-logTailLines), ''].join('\n')
  })
  return (await Promise.all(tails)).join('')
}
