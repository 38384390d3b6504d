import { type Command, Option } from 'commander'
import { composeDestinationTests } from '../compose.ts'
import { encryptions, type PipelineDestination } from '../control/pipelines/pipeline.ts'
import { findProjectToken } from '../control/projects/manage-projects.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import {
  bucketProblem,
  kmsKeyProblem,
  partitionOf,
  partitionOfArn,
  roleProblem,
} from '../http/contract/aws-names.ts'
import { connectionDocument } from '../http/contract/connection-test.ts'
import type { ProjectId } from '../ids.ts'
import { createLogger } from '../telemetry/logger.ts'
import type { ConnectionTest, Repair, TestedStep } from '../workflows/connection-test/tested-step.ts'
import { checked, parsePrefix, regionProblem } from './aws-options.ts'
import { withControlPlane } from './open-control-plane.ts'
import { type OutputOptions, printResult } from './output.ts'
import { parseProjectId } from './project.ts'

interface CheckAwsOptions extends OutputOptions {
  project: ProjectId
  bucket: string
  region: string
  role: string
  prefix?: string
  encryption: PipelineDestination['encryption']
  kmsKeyId?: string
}

export function registerCheckAws(check: Command): void {
  check
    .command('aws')
    .description('Test the connection to a bucket, step by step, and say which statement is missing')
    .requiredOption('--project <id>', 'whose pipeline it is for', parseProjectId)
    .requiredOption('--bucket <name>', 'the bucket to export to', checked(bucketProblem))
    .requiredOption('--region <region>', 'its region', checked(regionProblem))
    .requiredOption('--role <arn>', 'the role that may write to it', checked(roleProblem))
    .option('--prefix <prefix>', "the pipeline's s3_prefix", parsePrefix)
    .addOption(new Option('--encryption <encryption>', 's3_encryption').choices(encryptions).default('none'))
    .option('--kms-key-id <key>', 's3_kms_key_id, with --encryption kms')
    .option('--json', 'print one JSON document')
    .action(checkAws)
}

async function checkAws(_options: unknown, command: Command): Promise<void> {
  // `check` has a --json of its own, which takes the one behind `aws` too.
  const options = command.optsWithGlobals<CheckAwsOptions>()
  const destination = readDestination(options)
  const test = await withControlPlane(async ({ db }, config) => {
    const externalId = await findProjectToken(db, options.project)
    const tests = composeDestinationTests(config, createLogger('warn'))
    try {
      return await tests.whole({ projectId: options.project, externalId, destination })
    } finally {
      tests.close()
    }
  })
  printResult(options, connectionDocument(test), written(test))
  if (!test.ok) process.exitCode = 1
}

function readDestination(options: CheckAwsOptions): PipelineDestination {
  const { bucket, region, role: roleArn, prefix, encryption, kmsKeyId } = options
  if (partitionOfArn(roleArn) !== partitionOf(region))
    throw misused(`--role must begin with arn:${partitionOf(region)}: to fit --region ${region}`)
  const keyProblem = kmsKeyId === undefined ? undefined : kmsKeyProblem(kmsKeyId, region)
  if (keyProblem !== undefined) throw misused(`--kms-key-id ${keyProblem}`)
  if (kmsKeyId !== undefined && encryption !== 'kms')
    throw misused('--kms-key-id goes only with --encryption kms')
  return { bucket, region, roleArn, prefix: prefix ?? null, encryption, kmsKeyId: kmsKeyId ?? null }
}

function written({ ok, steps }: ConnectionTest): string {
  const width = Math.max(...steps.map(({ step }) => step.length))
  const lines = steps.map(({ step, result, found }) => `${result.padEnd(9)}  ${step.padEnd(width)}  ${found}`)
  const toDo = steps.flatMap((step) => repairsOf(step))
  const end = ok ? 'Exports can go there. Nothing was left in the bucket.' : 'Exports can not go there yet.'
  return [...lines, ...toDo, '', end].join('\n')
}

function repairsOf({ step, repairs }: TestedStep): string[] {
  return repairs.map((repair: Repair, index) => {
    const json = repair.json === null ? '' : `\n${JSON.stringify(repair.json, null, 2)}`
    return `\n# ${step}${index === 0 ? '' : ', or'}\n${repair.how}${json}`
  })
}

function misused(message: string): PenstockError {
  return new PenstockError('caller', 'CHECK_OPTIONS_INVALID', message)
}
