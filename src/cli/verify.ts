import type { Command } from 'commander'
import { composeVerification } from '../compose.ts'
import {
  findVerifiablePipelines,
  type VerifiablePipeline,
} from '../control/pipelines/find-verifiable-pipeline.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import type { LocalHour, ProjectId } from '../ids.ts'
import { createLogger } from '../telemetry/logger.ts'
import { repairFolder } from '../workflows/repair-folder.ts'
import { type VerifiedFolder, verifyPipeline } from '../workflows/verify-pipeline.ts'
import { withControlPlane } from './open-control-plane.ts'
import { type OutputOptions, printResult } from './output.ts'
import { parseDate } from './parse-date.ts'
import { parseProjectId } from './project.ts'

interface VerifyOptions extends OutputOptions {
  pipeline: string
  project?: ProjectId
  from?: LocalHour
  to?: LocalHour
  repair?: boolean
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'Read the bucket back and hold every folder against the store; changes nothing without --repair',
    )
    .requiredOption('--pipeline <name>', 'whose folders')
    .option('--project <id>', 'its project, where several have a pipeline of that name', parseProjectId)
    .option('--from <date>', 'the first day, YYYY-MM-DD', parseDate)
    .option('--to <date>', 'the last day, YYYY-MM-DD', parseDate)
    .option('--repair', 'export damaged folders again; objects that are no data files are only reported')
    .option('--json', 'print one JSON document')
    .action(verify)
}

async function verify(options: VerifyOptions): Promise<void> {
  const hours = {
    fromHour: options.from ?? (0 as LocalHour),
    toHour: options.to === undefined ? endOfTime : ((options.to + 24) as LocalHour),
  }
  const folders = await withControlPlane(async (database, config) => {
    const found = await findVerifiablePipelines(database.db, options.pipeline, options.project)
    const pipeline = onlyOne(options.pipeline, found)
    if (options.repair === true && pipeline.isPaused) throw repairPaused(pipeline)
    const { deps, close } = await composeVerification(config, database, createLogger('warn'))
    try {
      const { signal } = new AbortController()
      const repair = (localHour: LocalHour) =>
        repairFolder(deps, { pipelineId: pipeline.id, localHour }, signal)
      const repairing = options.repair === true ? { repair } : {}
      return await Array.fromAsync(verifyPipeline(deps, { pipeline, hours, signal, ...repairing }))
    } finally {
      await close()
    }
  })
  const ok = folders.every(({ differences }) => differences.length === 0)
  printResult(options, { ok, pipeline: options.pipeline, folders }, written(folders))
  if (!ok) process.exitCode = 1
}

const endOfTime = (2 ** 31 - 1) as LocalHour

function onlyOne(name: string, found: VerifiablePipeline[]): VerifiablePipeline {
  const [pipeline] = found
  if (pipeline !== undefined && found.length === 1) return pipeline
  throw new PenstockError(
    'caller',
    'VERIFY_PIPELINE_UNCLEAR',
    pipeline === undefined
      ? `there is no pipeline ${JSON.stringify(name)}; \`pipeline list\` names those of a project`
      : `projects ${found.map(({ project }) => project.id).join(', ')} have a pipeline ${name}: say which with --project`,
  )
}

function repairPaused({ name }: VerifiablePipeline): PenstockError {
  return new PenstockError(
    'caller',
    'REPAIR_PIPELINE_PAUSED',
    `${name} is paused, so none of its folders is written: resume it, then repair`,
  )
}

function written(folders: VerifiedFolder[]): string {
  const verified = folders.filter(({ state }) => state === 'finished')
  const lines = folders.flatMap(({ differences }) =>
    differences.map(({ kind, key, found }) => `${kind}: ${key}: ${found}`),
  )
  const mended = folders.flatMap(({ repaired = [] }) =>
    repaired.map(({ kind, key }) => `repaired: ${kind}: ${key}`),
  )
  const unrepaired = folders.flatMap(({ folder, unrepaired: why }) =>
    why === undefined ? [] : [`not repaired: ${folder}: ${why}`],
  )
  const events = verified.reduce((sum, folder) => sum + folder.events, 0)
  const pending = folders.filter(({ state }) => state === 'pending').length
  const waiting = pending === 0 ? '' : `; ${pending} folders are still on their way`
  return [
    ...mended,
    ...lines,
    ...unrepaired,
    `${verified.length} folders, ${events} events: ${lines.length} differences${waiting}`,
  ].join('\n')
}
