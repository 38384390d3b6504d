/** `bin/penstock`: which commands there are, and how a failure becomes a message and an exit code. */
import { Command, CommanderError } from 'commander'
import { PenstockError } from '../errors/penstock-error.ts'
import { readVersion } from '../version.ts'

type Register = (program: Command) => void

interface CommandModule {
  /** For the list of commands. */
  summary: string
  load(): Promise<Register>
}

/** Loaded when they are called for: `--help` must not wait for the AWS SDK. */
const commands: Record<string, CommandModule> = {
  serve: {
    summary: 'take events in and export them, until SIGTERM',
    load: async () => (await import('./serve.ts')).registerServe,
  },
  project: {
    summary: 'manage projects: who sends events, in which time zone',
    load: async () => (await import('./project.ts')).registerProject,
  },
  'service-account': {
    summary: 'manage service accounts and their roles in projects',
    load: async () => (await import('./service-account.ts')).registerServiceAccount,
  },
  pipeline: {
    summary: 'manage the pipelines of a project',
    load: async () => (await import('./pipeline.ts')).registerPipeline,
  },
  import: {
    summary: 'send files of events to a Penstock',
    load: async () => (await import('./import.ts')).registerImport,
  },
  check: {
    summary:
      "check the operator's own set-up, or with `aws` the connection to a bucket, with `webhook` notifications",
    load: async () => (await import('./check.ts')).registerCheck,
  },
  setup: {
    summary: "print what a customer's AWS account has to grant",
    load: async () => (await import('./setup.ts')).registerSetup,
  },
  store: {
    summary: 'check the event store, or rebuild its index',
    load: async () => (await import('./store.ts')).registerStore,
  },
  verify: {
    summary: 'read the bucket back and hold every folder against the store',
    load: async () => (await import('./verify.ts')).registerVerify,
  },
  sandbox: {
    summary: 'run a small AWS (S3 and STS) on loopback, from a world file',
    load: async () => (await import('./sandbox.ts')).registerSandbox,
  },
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
    .version(readVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
  try {
    for (const register of await loadCommands(argv)) register(program)
    program.commands.forEach(overrideExit)
    await program.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? done)
  } catch (cause) {
    return exitCodeOf(cause)
  }
}

/** The one that the arguments name, whole; where they name none, what `--help` and a misspelling need of each. */
async function loadCommands(argv: string[]): Promise<Register[]> {
  const name = argv[0] === 'help' ? argv[1] : argv[0]
  const named = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
  if (named !== undefined) return [await named.load()]
  return Object.entries(commands).map(([listed, { summary }]) => (program) => {
    program.command(listed).description(summary)
  })
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
