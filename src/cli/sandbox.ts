import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { type Sandbox, startSandbox, WorldError } from '../../sandbox/main.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import { type OutputOptions, printResult } from './output.ts'

interface SandboxCommandOptions extends OutputOptions {
  readonly world: string
  readonly port: number
  readonly data?: string
}

/** `penstock sandbox`: an AWS to practise with, until it is told to stop. */
export function registerSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('Run a small AWS (S3 and STS) on loopback, from a world file: docs/guides/sandbox.md')
    .requiredOption('--world <file>', 'JSON file with the users, roles, buckets and keys that there are')
    .option('--port <n>', 'port to listen on; 0 takes any free one', parsePort, 0)
    .option('--data <dir>', 'keep objects in this folder, over restarts (default: a temporary folder)')
    .option('--json', 'print one JSON document')
    .action(runSandbox)
}

/** Starts the sandbox, prints its URL, and returns when SIGTERM or SIGINT has stopped it. */
async function runSandbox(options: SandboxCommandOptions): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const sandbox = await start(options, await readWorldFile(options.world))
  printResult(options, { url: sandbox.url }, sandbox.url)
  await stopped
  await sandbox.close()
}

async function readWorldFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    throw worldInvalid(path, `it can't be read as JSON: ${found}`, cause)
  }
}

async function start(options: SandboxCommandOptions, world: unknown): Promise<Sandbox> {
  try {
    return await startSandbox({
      world,
      port: options.port,
      ...(options.data !== undefined && { dataDir: options.data }),
    })
  } catch (cause) {
    if (cause instanceof WorldError) throw worldInvalid(options.world, cause.problems.join('; '), cause)
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new PenstockError(
      'outside',
      'SANDBOX_NOT_STARTED',
      `the sandbox could not start on port ${options.port}: ${found}. Choose a free port and a folder that can be written.`,
      { cause },
    )
  }
}

function worldInvalid(path: string, found: string, cause: unknown): PenstockError {
  return new PenstockError(
    'caller',
    'SANDBOX_WORLD_INVALID',
    `world file ${path}: ${found}. docs/guides/sandbox.md shows the form.`,
    { cause },
  )
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('a port is a number from 0 to 65535.')
}
