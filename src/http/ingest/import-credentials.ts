import { mayManage } from '../../control/accounts/roles.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import { parseBasic } from '../basic-credentials.ts'
import type { IngestDeps, IngestProject } from './ingest-deps.ts'

/**
 * The project of the Authorization header: its API secret or token as user name, with an empty password, or a service
 * account that is owner or admin of the project of this id.
 */
export async function importProject(
  { projects, accounts }: Pick<IngestDeps, 'projects' | 'accounts'>,
  header: string | undefined,
  projectId: number | undefined,
): Promise<IngestProject> {
  const credentials = parseBasic(header)
  if (credentials === undefined) throw invalidCredentials(`: ${allowed}`)
  const { user, password } = credentials
  if (password !== '') {
    const account = await accounts.byCredentials(user, password)
    if (account !== undefined && projectId === undefined)
      throw invalidCredentials(': a service account goes with project_id in the query')
    const own = account?.get(projectId ?? 0)
    if (own === undefined || !mayManage(own.role)) throw invalidCredentials()
    return own
  }
  const project = (await projects.bySecret(user)) ?? (await projects.byToken(user))
  if (project === undefined || (projectId !== undefined && projectId !== project.id))
    throw invalidCredentials()
  return project
}

const allowed =
  "send Authorization: Basic with the project's API secret or token as user name and an empty password, or a service account's user name and secret"

/** Without `detail` in Mixpanel's words: all that a stranger is told. */
function invalidCredentials(detail = ''): PenstockError {
  return new PenstockError('caller', 'INGEST_CREDENTIALS_INVALID', `Invalid credentials${detail}`)
}
