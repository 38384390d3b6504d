import { type AccountSetup, roleDescription, rolePolicies } from './account-setup.ts'

/** The commands of the AWS command line that make the role and its policies; the last prints the role's ARN. */
export function awsCommands(setup: AccountSetup): string[] {
  const role = `--role-name ${quoted(setup.roleName)}`
  return [
    `aws iam create-role ${role} --description ${quoted(roleDescription)} --assume-role-policy-document ${json(setup.trustPolicy)}`,
    ...rolePolicies(setup).map(
      ({ name, document }) =>
        `aws iam put-role-policy ${role} --policy-name ${name} --policy-document ${json(document)}`,
    ),
    `aws iam get-role ${role} --query Role.Arn --output text`,
  ]
}

function json(document: unknown): string {
  return quoted(JSON.stringify(document))
}

/** As a POSIX shell reads it: nothing is special between single quotes, but the quote. */
function quoted(text: string): string {
  return /^[\w+=,.@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
