import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  createProject,
  deleteProject,
  type ListedProject,
  listProjects,
  rotateSecret,
  setCutsStrings,
  showProject,
} from '../control/projects/manage-projects.ts'
import { quotaOf, setQuota } from '../control/projects/quota.ts'
import { setTimeZone } from '../control/projects/set-time-zone.ts'
import type { IndexTables } from '../data/store/index-tables.ts'
import { readUsage } from '../data/store/project-usage.ts'
import type { ProjectId } from '../ids.ts'
import { quotaSettings } from '../quota-settings.ts'
import { withControlPlane } from './open-control-plane.ts'
import { formatTable, type OutputOptions, printResult } from './output.ts'
import {
  addQuotaOptions,
  type QuotaOptions,
  quotaChanges,
  quotaDocument,
  usageText,
} from './project-quota.ts'

export function registerProject(program: Command): void {
  const project = program
    .command('project')
    .description('Manage projects: who sends events, in which time zone')
  project
    .command('create')
    .description('Create a project; its API secret is shown this once')
    .requiredOption('--name <name>', 'what people call it')
    .option('--timezone <zone>', 'IANA time zone that its days and hours are in', 'UTC')
    .addOption(stringsOption().default('whole'))
    .option('--json', 'print one JSON document')
    .action(create)
  project
    .command('list')
    .description('List the projects')
    .option('--json', 'print one JSON document')
    .action(list)
  project
    .command('show')
    .description('Show a project, what it has sent in, and what it may')
    .requiredOption('--project <id>', 'its id', parseProjectId)
    .option('--json', 'print one JSON document')
    .action(show)
  addQuotaOptions(
    project
      .command('edit')
      .description(
        'Change how a project keeps the events that come in from now on, how many may, or, while it has none, its time zone',
      )
      .requiredOption('--project <id>', 'its id', parseProjectId)
      .addOption(stringsOption())
      .option('--timezone <zone>', 'IANA time zone; refused once the project has events or pipelines'),
  )
    .option('--json', 'print one JSON document')
    .action(edit)
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

function stringsOption(): Option {
  const meaning = 'long strings in events: kept whole, or cut at 255 characters as Mixpanel does'
  return new Option('--strings <how>', meaning).choices(['whole', 'cut'])
}

interface StringsOption {
  strings: 'whole' | 'cut'
}

/** The column's type ends here. */
const projectIdMax = 2 ** 31 - 1

/** An option's value as a project id. */
export function parseProjectId(text: string): ProjectId {
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= projectIdMax) return Number(text) as ProjectId
  throw new InvalidArgumentError(`a project id is a whole number from 1 to ${projectIdMax}.`)
}

async function create(
  options: OutputOptions & StringsOption & { name: string; timezone: string },
): Promise<void> {
  const created = await withControlPlane(({ db }) =>
    createProject(db, {
      name: options.name,
      timeZone: options.timezone,
      cutsStrings: options.strings === 'cut',
    }),
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
  const rows = projects.map(({ projectId, name, token, timeZone, cutsStrings }) => [
    String(projectId),
    name,
    timeZone,
    cutsStrings ? 'cut' : 'whole',
    token,
  ])
  printResult(
    options,
    projects.map(projectDocument),
    formatTable(['ID', 'NAME', 'TIME ZONE', 'STRINGS', 'TOKEN'], rows),
  )
}

function projectDocument(project: ListedProject) {
  return {
    project_id: project.projectId,
    name: project.name,
    token: project.token,
    timezone: project.timeZone,
    strings: project.cutsStrings ? 'cut' : 'whole',
    created_at: project.createdAt.toISOString(),
  }
}

async function show(options: OutputOptions & { project: ProjectId }): Promise<void> {
  const { project, usage, quota } = await withControlPlane(async ({ db }, config) => {
    const project = await showProject(db, options.project)
    const usage = await readUsage(db.withTables<IndexTables>(), options.project)
    return { project, usage, quota: quotaOf(project.quota, quotaSettings(config)) }
  })
  const { name, timeZone, token, cutsStrings } = project
  printResult(
    options,
    {
      ...projectDocument(project),
      quota: quotaDocument(quota),
      usage: { today: usage.day, this_month: usage.month },
    },
    [
      `project id   ${options.project}`,
      `name         ${name}`,
      `time zone    ${timeZone}`,
      `strings      ${cutsStrings ? 'cut' : 'whole'}`,
      `token        ${token}`,
      usageText(usage, quota),
    ].join('\n'),
  )
}

interface EditOptions extends OutputOptions, Partial<StringsOption>, QuotaOptions {
  project: ProjectId
  timezone?: string
}

async function edit(options: EditOptions, command: Command): Promise<void> {
  const { project, strings, timezone } = options
  const quota = quotaChanges(options)
  if (strings === undefined && timezone === undefined && quota === undefined) {
    command.error(
      'error: edit changes --strings, --timezone or a quota (--events-per-day …), so give one of them',
    )
  }
  const changed = await withControlPlane(async ({ db }, config) => {
    // What may be refused comes first.
    const zone = timezone === undefined ? undefined : await setTimeZone(db, project, timezone)
    if (strings !== undefined) await setCutsStrings(db, project, strings === 'cut')
    if (quota === undefined) return { zone }
    await setQuota(db, project, quota)
    const shown = await showProject(db, project)
    return { zone, quota: quotaDocument(quotaOf(shown.quota, quotaSettings(config))) }
  })
  const said = [
    ...(changed.zone === undefined ? [] : [`project ${project} is in ${changed.zone}`]),
    ...(strings === undefined ? [] : [`project ${project} ${stringsText[strings]}`]),
    ...(quota === undefined
      ? []
      : [`project ${project} has the quota; \`project show\` says what is used of it`]),
  ]
  const document = {
    project_id: project,
    ...(changed.zone === undefined ? {} : { timezone: changed.zone }),
    ...(strings === undefined ? {} : { strings }),
    ...(changed.quota === undefined ? {} : { quota: changed.quota }),
  }
  printResult(options, document, said.join('\n'))
}

const stringsText = { cut: 'cuts long strings at 255 characters', whole: 'keeps long strings whole' }

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
