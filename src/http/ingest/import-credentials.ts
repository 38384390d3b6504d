import { PenstockError } from '../../errors/penstock-error.ts'
import { parseBasic } from '../basic-credentials.ts'
import type { IngestDeps, IngestProject } from './ingest-deps.ts'

/** The project of the Authorization header: its API secret or token as user name, with an empty password. */
export async function importProject(
  projects: IngestDeps['projects'],
  header: string | undefined,
): Promise<IngestProject> {
  const credentials = parseBasic(header)
  if (credentials === undefined) throw invalidCredentials(`: ${allowed}`)
  if (credentials.password !== '') {
    throw invalidCredentials(`: service accounts are not supported here yet; ${allowed}`)
  }
  const project = (await projects.bySecret(credentials.user)) ?? (await projects.byToken(credentials.user))
  if (project === undefined) throw invalidCredentials()
  return project
}

const allowed =
  "send Authorization: Basic with the project's API secret or token as user name and an empty password"

/** Without `detail` in Mixpanel's words: all that a stranger is told. */
export function invalidCredentials(detail = ''): PenstockError {
  return new PenstockError('caller', 'INGEST_CREDENTIALS_INVALID', `Invalid credentials${detail}`)
}
