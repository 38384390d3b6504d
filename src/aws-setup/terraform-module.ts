import { type AccountSetup, roleDescription, rolePolicies } from './account-setup.ts'
import type { PolicyDocument } from './policies.ts'

/** The role and its policies as one Terraform module. */
export function terraformModule(setup: AccountSetup): string {
  return [
    `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}
`,
    `resource "aws_iam_role" "penstock_export" {
  name               = ${quoted(setup.roleName)}
  description        = ${quoted(roleDescription)}
  assume_role_policy = ${heredoc(setup.trustPolicy)}
}
`,
    ...rolePolicies(setup).map(
      ({ name, document }) => `resource "aws_iam_role_policy" ${quoted(snakeCase(name))} {
  name   = ${quoted(name)}
  role   = aws_iam_role.penstock_export.id
  policy = ${heredoc(document)}
}
`,
    ),
    `output "role_arn" {
  description = "s3_role of the pipeline"
  value       = aws_iam_role.penstock_export.arn
}
`,
  ].join('\n')
}

/** JSON as it is: Terraform only reads `\${` and `%{` in a heredoc, and a doubled sign stands for itself. */
function heredoc(document: PolicyDocument): string {
  return `<<-POLICY\n${indented(escapeTemplates(JSON.stringify(document, null, 2)))}\n  POLICY`
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}

/** A string of HCL has JSON's escapes. */
function quoted(text: string): string {
  return escapeTemplates(JSON.stringify(text))
}

function escapeTemplates(text: string): string {
  return text.replaceAll(/[$%]\{/g, (opening) => `${opening[0]}${opening}`)
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
}
