/** `bin/penstock`: which commands there are, and how a failure becomes a message and an exit code. */
import { Command, CommanderError } from 'commander'
import { PenstockError } from '../errors/penstock-error.ts'

type Register = (program: Command) => void

/** Loaded when they are called for: `--help` of one must not load the AWS SDK of another. */
const commands: Record<string, () => Promise<Register>> = {
  serve: async () => (await import('./serve.ts')).registerServe,
  project: async () => (await import('./project.ts')).registerProject,
  pipeline: async () => (await import('./pipeline.ts')).registerPipeline,
  import: async () => (await import('./import.ts')).registerImport,
  check: async () => (await import('./check.ts')).registerCheck,
  store: async () => (await import('./store.ts')).registerStore,
  sandbox: async () => (await import('./sandbox.ts')).registerSandbox,
}

const done = 0
const failed = 1
const misused = 2

/** @returns the exit code: 0 done, 1 failed, 2 misused */
export async function runCli(argv: string[]): Promise<number> {
  const program = new Command('penstock')
    .description(
      'Collects product-analytics events and exports them, raw, to S3 buckets in other AWS accounts',
    )
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
  try {
    for (const register of await loadCommands(argv[0])) register(program)
    program.commands.forEach(overrideExit)
    await program.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? done)
  } catch (cause) {
    return exitCodeOf(cause)
  }
}

async function loadCommands(name: string | undefined): Promise<Register[]> {
  const load = name === undefined ? undefined : commands[name]
  return load === undefined
    ? await Promise.all(Object.values(commands).map((loadOne) => loadOne()))
    : [await load()]
}

/** Subcommands do not inherit `exitOverride`: without it a misuse would end the process with 1. */
function overrideExit(command: Command): void {
  command.exitOverride()
  command.commands.forEach(overrideExit)
}

function exitCodeOf(cause: unknown): number {
  // Commander has printed its own message; help and version are no errors.
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? done : misused
  if (cause instanceof PenstockError) {
    console.error(`${cause.code}: ${cause.message}`)
    return cause.kind === 'caller' ? misused : failed
  }
  console.error(cause)
  return failed
}
