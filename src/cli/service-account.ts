import { type Command, Option } from 'commander'
import {
  createAccount,
  deleteAccount,
  grantRole,
  listAccounts,
  revokeRole,
} from '../control/accounts/manage-accounts.ts'
import { type Role, roles } from '../control/accounts/roles.ts'
import type { ProjectId } from '../ids.ts'
import { withControlPlane } from './open-control-plane.ts'
import { formatTable, type OutputOptions, printResult } from './output.ts'
import { parseProjectId } from './project.ts'

type NameOptions = OutputOptions & { name: string }

export function registerServiceAccount(program: Command): void {
  const account = program
    .command('service-account')
    .description('Manage service accounts: one credential for several projects, with a role in each')
  const subcommand = (name: string, description: string) =>
    account.command(name).description(description).option('--json', 'print one JSON document')
  const ofName = (name: string, description: string) =>
    subcommand(name, description).requiredOption('--name <name>', 'what people call it, or its user name')
  subcommand('create', 'Create an account without a role anywhere; its secret is shown this once')
    .requiredOption('--name <name>', 'what people call it')
    .action(create)
  subcommand('list', 'List the accounts and their roles').action(list)
  ofName('grant', 'Give an account a role in a project')
    .requiredOption('--project <id>', 'its id', parseProjectId)
    .addOption(
      new Option('--role <role>', 'owner and admin may manage pipelines and import events')
        .choices(roles)
        .makeOptionMandatory(),
    )
    .action(grant)
  ofName('revoke', "Take an account's role in a project away, within seconds")
    .requiredOption('--project <id>', 'its id', parseProjectId)
    .action(revoke)
  ofName('delete', 'Delete an account; its secret is refused within seconds').action(remove)
}

async function create(options: NameOptions): Promise<void> {
  const created = await withControlPlane(({ db }) => createAccount(db, options.name))
  printResult(
    options,
    { ...created },
    [`user name   ${created.username}`, `secret      ${created.secret}   (shown this once)`].join('\n'),
  )
}

async function list(options: OutputOptions): Promise<void> {
  const accounts = await withControlPlane(({ db }) => listAccounts(db))
  const rows = accounts.map(({ name, username, roles: own }) => [
    name,
    username,
    own.map(({ projectId, role }) => `${role} of ${projectId}`).join(', '),
  ])
  printResult(
    options,
    accounts.map(({ name, username, roles: own }) => ({
      name,
      username,
      roles: own.map(({ projectId, role }) => ({ project_id: projectId, role })),
    })),
    formatTable(['NAME', 'USER NAME', 'ROLES'], rows),
  )
}

async function grant(options: NameOptions & { project: ProjectId; role: Role }): Promise<void> {
  const { name, project: projectId, role } = options
  await withControlPlane(({ db }) => grantRole(db, name, { projectId, role }))
  printResult(options, { name, project_id: projectId, role }, `${name} is ${role} of project ${projectId}`)
}

async function revoke(options: NameOptions & { project: ProjectId }): Promise<void> {
  const { name, project: projectId } = options
  await withControlPlane(({ db }) => revokeRole(db, name, projectId))
  printResult(
    options,
    { name, project_id: projectId, role: null },
    `${name} has no role in project ${projectId}`,
  )
}

async function remove(options: NameOptions): Promise<void> {
  await withControlPlane(({ db }) => deleteAccount(db, options.name))
  printResult(options, { name: options.name, deleted: true }, `${options.name} is deleted`)
}
