import { type Command, InvalidArgumentError } from 'commander'
import {
  createProject,
  deleteProject,
  listProjects,
  rotateSecret,
} from '../control/projects/manage-projects.ts'
import type { ProjectId } from '../ids.ts'
import { withControlPlane } from './open-control-plane.ts'
import { formatTable, type OutputOptions, printResult } from './output.ts'

export function registerProject(program: Command): void {
  const project = program
    .command('project')
    .description('Manage projects: who sends events, in which time zone')
  project
    .command('create')
    .description('Create a project; its API secret is shown this once')
    .requiredOption('--name <name>', 'what people call it')
    .option('--timezone <zone>', 'IANA time zone that its days and hours are in', 'UTC')
    .option('--json', 'print one JSON document')
    .action(create)
  project
    .command('list')
    .description('List the projects')
    .option('--json', 'print one JSON document')
    .action(list)
  project
    .command('rotate-secret')
    .description('Give a project a new API secret; the old one ends within seconds')
    .requiredOption('--project <id>', 'its id', parseProjectId)
    .option('--json', 'print one JSON document')
    .action(rotate)
  project
    .command('delete')
    .description('Delete a project that has no pipelines; what it exported stays in the buckets')
    .requiredOption('--project <id>', 'its id', parseProjectId)
    .option('--json', 'print one JSON document')
    .action(remove)
}

/** The column's type ends here. */
const projectIdMax = 2 ** 31 - 1

/** An option's value as a project id. */
export function parseProjectId(text: string): ProjectId {
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= projectIdMax) return Number(text) as ProjectId
  throw new InvalidArgumentError(`a project id is a whole number from 1 to ${projectIdMax}.`)
}

async function create(options: OutputOptions & { name: string; timezone: string }): Promise<void> {
  const created = await withControlPlane(({ db }) =>
    createProject(db, { name: options.name, timeZone: options.timezone }),
  )
  printResult(
    options,
    { project_id: created.projectId, token: created.token, api_secret: created.apiSecret },
    [
      `project id   ${created.projectId}`,
      `token        ${created.token}   (for SDKs; the external ID of AWS roles)`,
      `API secret   ${created.apiSecret}   (shown this once)`,
    ].join('\n'),
  )
}

async function list(options: OutputOptions): Promise<void> {
  const projects = await withControlPlane(({ db }) => listProjects(db))
  const rows = projects.map(({ projectId, name, token, timeZone }) => [
    String(projectId),
    name,
    timeZone,
    token,
  ])
  printResult(
    options,
    projects.map((project) => ({
      project_id: project.projectId,
      name: project.name,
      token: project.token,
      timezone: project.timeZone,
      created_at: project.createdAt.toISOString(),
    })),
    formatTable(['ID', 'NAME', 'TIME ZONE', 'TOKEN'], rows),
  )
}

async function rotate(options: OutputOptions & { project: ProjectId }): Promise<void> {
  const apiSecret = await withControlPlane(({ db }) => rotateSecret(db, options.project))
  printResult(
    options,
    { project_id: options.project, api_secret: apiSecret },
    `API secret   ${apiSecret}   (shown this once)`,
  )
}

async function remove(options: OutputOptions & { project: ProjectId }): Promise<void> {
  await withControlPlane(({ db }) => deleteProject(db, options.project))
  printResult(
    options,
    { project_id: options.project, deleted: true },
    `project ${options.project} is deleted`,
  )
}
