import { z } from 'zod'
import type { AccountSetup } from '../../aws-setup/account-setup.ts'
import { awsCommands } from '../../aws-setup/aws-commands.ts'
import { cloudFormationTemplate } from '../../aws-setup/cloudformation-template.ts'
import { terraformModule } from '../../aws-setup/terraform-module.ts'
import { bucketProblem, keyArnProblem, partitionOf, partitionOfArn, roleNameProblem } from './aws-names.ts'
import { regionParameter, s3PrefixParameter } from './destination-parameters.ts'
import { checkedParameter, parametersOf, shown } from './parameter.ts'

export const defaultRoleName = 'penstock-export'

/** Parameters of `setup`. */
export const setupQuery = parametersOf({
  project_id: z.string().optional(),
  s3_bucket: checkedParameter('s3_bucket', 'must be the name of the bucket to export to', bucketProblem),
  s3_region: regionParameter,
  s3_prefix: s3PrefixParameter,
  s3_kms_key_id: checkedParameter('s3_kms_key_id', 'must be the ARN of a key', keyArnProblem).optional(),
  role_name: checkedParameter('role_name', 'must be a name of an IAM role', roleNameProblem).optional(),
}).check((context) => {
  const { s3_kms_key_id: key, s3_region: region } = context.value
  if (key === undefined || (key.split(':')[3] === region && partitionOfArn(key) === partitionOf(region)))
    return
  context.issues.push({
    code: 'custom',
    input: key,
    path: ['s3_kms_key_id'],
    message: `s3_kms_key_id ${shown(key)} must be in s3_region, ${region}`,
  })
})

export type SetupQuery = z.output<typeof setupQuery>

const policy = z.looseObject({ Version: z.string(), Statement: z.array(z.unknown()) })

/** Of `setup`, and of the command line's `setup aws --format json`. */
export const setupAnswer = z.strictObject({
  role_name: z.string(),
  permissions_policy: policy,
  /** In place of `permissions_policy`: the least that exports below the prefix need. */
  narrowed_permissions_policy: policy.nullable(),
  kms_policy: policy.nullable(),
  trust_policy: policy,
  cloudformation: z.string(),
  terraform: z.string(),
  aws_commands: z.array(z.string()),
})

export function setupDocument(setup: AccountSetup): z.input<typeof setupAnswer> {
  return {
    role_name: setup.roleName,
    permissions_policy: { ...setup.permissionsPolicy },
    narrowed_permissions_policy: setup.narrowedPermissionsPolicy && { ...setup.narrowedPermissionsPolicy },
    kms_policy: setup.kmsPolicy && { ...setup.kmsPolicy },
    trust_policy: { ...setup.trustPolicy },
    cloudformation: cloudFormationTemplate(setup),
    terraform: terraformModule(setup),
    aws_commands: awsCommands(setup),
  }
}
