import type { AccountSetup } from './account-setup.ts'
import { awsCommands } from './aws-commands.ts'
import type { PolicyDocument } from './policies.ts'

/** The same for people to read, and to paste from. */
export function setupText(setup: AccountSetup): string {
  const { narrowedPermissionsPolicy: narrowed, kmsPolicy } = setup
  const sections = [
    section(
      'Permissions policy of the role',
      'What an export does in the bucket: put, read back, list and delete.',
      setup.permissionsPolicy,
    ),
    ...(narrowed === null
      ? []
      : [
          section(
            'The same, narrowed to the prefix',
            'In place of the policy above. The commands below and the templates use this one.',
            narrowed,
          ),
        ]),
    ...(kmsPolicy === null
      ? []
      : [
          section(
            'Key policy of the role',
            "For s3_encryption=kms. The key's own policy must let the account's IAM policies apply, as a new key's does; a key of another account must name the role itself.",
            kmsPolicy,
          ),
        ]),
    section(
      'Trust policy of the role',
      "Lets Penstock in, and only for this project: its token is the external ID. Keep the condition: without it another tenant's pipeline could use the role.",
      setup.trustPolicy,
    ),
    [
      '# With the AWS command line',
      '',
      ...awsCommands(setup),
      '',
      'The last command prints the ARN of the role: s3_role of the pipeline.',
    ].join('\n'),
  ]
  return sections.join('\n\n')
}

function section(title: string, purpose: string, document: PolicyDocument): string {
  return `# ${title}\n${purpose}\n\n${JSON.stringify(document, null, 2)}`
}
