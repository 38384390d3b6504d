import { type Command, Option } from 'commander'
import { type AccountSetup, accountSetup } from '../aws-setup/account-setup.ts'
import { cloudFormationTemplate } from '../aws-setup/cloudformation-template.ts'
import { setupText } from '../aws-setup/setup-text.ts'
import { terraformModule } from '../aws-setup/terraform-module.ts'
import { findProjectToken } from '../control/projects/manage-projects.ts'
import {
  bucketProblem,
  keyArnProblem,
  partitionOf,
  partitionOfArn,
  roleNameProblem,
} from '../http/contract/aws-names.ts'
import { defaultRoleName, setupDocument } from '../http/contract/aws-setup.ts'
import type { ProjectId } from '../ids.ts'
import { ownPrincipalArn } from '../workflows/own-principal.ts'
import { checked, parsePrefix, regionProblem } from './aws-options.ts'
import { withControlPlane } from './open-control-plane.ts'
import { type OutputOptions, printResult } from './output.ts'
import { parseProjectId } from './project.ts'

const formats = ['text', 'json', 'cloudformation', 'terraform'] as const

interface SetupOptions extends OutputOptions {
  project: ProjectId
  bucket: string
  prefix?: string
  region?: string
  kmsKey?: string
  roleName: string
  format: (typeof formats)[number]
}

export function registerSetup(program: Command): void {
  const setup = program.command('setup').description("Print what a customer's account has to grant")
  setup
    .command('aws')
    .description('Policies and trust policy of the role that a pipeline exports with, filled in')
    .requiredOption('--project <id>', 'whose pipeline it is for', parseProjectId)
    .requiredOption('--bucket <name>', 'the bucket to export to', checked(bucketProblem))
    .option('--prefix <prefix>', "the pipeline's s3_prefix: narrows the role to it", parsePrefix)
    .option('--region <region>', "the bucket's region", checked(regionProblem))
    .option('--kms-key <arn>', 'the key of s3_encryption=kms', checked(keyArnProblem))
    .option('--role-name <name>', 'name of the role', checked(roleNameProblem), defaultRoleName)
    .addOption(new Option('--format <format>', 'what is printed').choices(formats).default('text'))
    .option('--json', 'the same as --format json')
    .action(setUpAws)
}

async function setUpAws(options: SetupOptions): Promise<void> {
  const setup = await withControlPlane(async ({ db }, config) => {
    const externalId = await findProjectToken(db, options.project)
    const principalArn = await ownPrincipalArn(config.awsPrincipalArn)
    return accountSetup(
      {
        partition: partitionFor(options, principalArn),
        bucket: options.bucket,
        prefix: options.prefix ?? null,
        kmsKeyArn: options.kmsKey ?? null,
        principalArn,
        externalId,
      },
      options.roleName,
    )
  })
  const asJson = options.json === true || options.format === 'json'
  printResult({ json: asJson }, setupDocument(setup), written(setup, options.format))
}

/** The region's; without one, that of the key, or of Penstock itself. */
function partitionFor({ region, kmsKey }: SetupOptions, principalArn: string): string {
  return region === undefined ? partitionOfArn(kmsKey ?? principalArn) : partitionOf(region)
}

function written(setup: AccountSetup, format: SetupOptions['format']): string {
  if (format === 'cloudformation') return cloudFormationTemplate(setup).trimEnd()
  return format === 'terraform' ? terraformModule(setup).trimEnd() : setupText(setup)
}
