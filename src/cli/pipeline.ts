/** `penstock pipeline`: the Data Pipelines API of a server, from a terminal. */
import type { Command } from 'commander'
import { type OutputOptions, printResult } from './output.ts'
import {
  createParameters,
  editOptions,
  givenParameters,
  parameterOptions,
} from './pipeline/create-options.ts'
import { followRuns } from './pipeline/follow-runs.ts'
import { createPipelineClient, type PipelineClient } from './pipeline/pipeline-client.ts'
import { pipelineTable, runTable } from './pipeline/pipeline-tables.ts'

interface ServerOptions extends OutputOptions {
  url: string
  secret: string
}

const defaultUrl = 'http://127.0.0.1:8080'

export function registerPipeline(program: Command): void {
  const pipeline = program.command('pipeline').description('Manage the pipelines of a project')
  const create = subcommand(pipeline, 'create', 'Create a pipeline')
  for (const [flags, meaning] of parameterOptions) create.option(flags, meaning)
  create.action(createOne)
  subcommand(pipeline, 'list', "List the project's pipelines").action(list)
  subcommand(pipeline, 'show <name>', 'Show the runs of a pipeline')
    .option('--follow', 'go on until no run is unfinished')
    .action(show)
  const edit = subcommand(
    pipeline,
    'edit <name>',
    'Change which events a pipeline exports from its next run on',
  )
  for (const [flags, meaning] of editOptions) edit.option(flags, meaning)
  edit.action(editOne)
  for (const [change, meaning] of [
    ['pause', 'Stop a pipeline: what runs is broken off, nothing more begins'],
    ['resume', 'Let a pipeline go on, with what it missed and what failed'],
    ['cancel', 'Remove a pipeline; what it exported stays in the bucket'],
  ] as const) {
    subcommand(pipeline, `${change} <name>`, meaning).action(async (name: string, options: ServerOptions) => {
      await clientOf(options).change(change, name)
      printResult(options, { name, done: change }, `${name}: ${change} is done`)
    })
  }
}

function subcommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .requiredOption('--secret <secret>', "the project's API secret")
    .option('--url <url>', 'where the server listens', defaultUrl)
    .option('--json', 'print one JSON document')
}

function clientOf({ url, secret }: ServerOptions): PipelineClient {
  return createPipelineClient({ url, secret })
}

async function createOne(options: ServerOptions & Record<string, unknown>): Promise<void> {
  const created = await clientOf(options).create(createParameters(options))
  warn(created)
  printResult(options, created, created.pipeline_names.join('\n'))
}

async function editOne(name: string, options: ServerOptions & Record<string, unknown>): Promise<void> {
  const edited = await clientOf(options).edit(name, givenParameters(editOptions, options))
  warn(edited)
  printResult(options, { name, done: 'edit', ...edited }, `${name}: edit is done`)
}

/** On standard error: the other one is for the result, whatever reads it. */
function warn({ warnings = [] }: { warnings?: string[] | undefined }): void {
  for (const warning of warnings) console.error(`warning: ${warning}`)
}

async function list(options: ServerOptions): Promise<void> {
  const pipelines = await clientOf(options).list()
  printResult(options, pipelines, pipelineTable(pipelines))
}

async function show(name: string, options: ServerOptions & { follow?: boolean }): Promise<void> {
  const client = clientOf(options)
  if (options.follow === true) {
    const end = await followRuns(client, name, process.stderr)
    if (end !== 'finished') process.exitCode = 1
  }
  const shown = await client.show(name)
  printResult(options, shown, runTable(shown))
}
