import type { FastifyRequest } from 'fastify'
import type { AccountDirectory, ServiceAccount } from '../../control/accounts/account-directory.ts'
import type { ConsoleSessions } from '../../control/accounts/console-sessions.ts'
import { mayManage } from '../../control/accounts/roles.ts'
import type { ProjectId, ProjectToken } from '../../ids.ts'
import { parseBasic } from '../basic-credentials.ts'
import { refuseForeignPages } from '../console/same-origin.ts'
import { sessionToken } from '../console/session-cookie.ts'
import { shown } from '../contract/parameter.ts'
import type { Parameters } from './read-parameters.ts'
import { badRequest, RequestError } from './request-error.ts'

/** The project that a credential manages. */
export interface PipelineProject {
  id: ProjectId
  /** The external ID of the project's roles. */
  token: ProjectToken
  timeZone: string
}

interface ProjectCredentials {
  bySecret(secret: string): Promise<PipelineProject | undefined>
  byToken(token: string): Promise<PipelineProject | undefined>
}

/** What a request's credential opens: one project, or those in which a service account has a role. */
export type PipelineAccess = { project: PipelineProject } | { account: ServiceAccount }

const howTo =
  "send the project's API secret as Basic user name with an empty password (curl -u API_SECRET:), or a service account's user name and secret"

export interface Credentials {
  projects: ProjectCredentials
  accounts: AccountDirectory
  sessions: Pick<ConsoleSessions, 'find'>
}

/**
 * By Basic credentials, or by the cookie of a console's session where there are none.
 * @param isUsed false: a session's end is not moved on
 * @throws RequestError 401 for a credential that isn't known, 403 for one that may not manage pipelines, and for a call with
 * the cookie that another site's page made
 */
export async function authenticate(
  { projects, accounts, sessions }: Credentials,
  request: FastifyRequest,
  isUsed = true,
): Promise<PipelineAccess> {
  const { authorization } = request.headers
  const token = authorization === undefined ? sessionToken(request) : undefined
  if (token === undefined) return await authenticateBasic(projects, accounts, authorization)
  refuseForeignPages(request)
  const session = await sessions.find(token, isUsed)
  if (session === undefined) throw unauthorized('the session of the console is over: sign in again')
  return session.access
}

async function authenticateBasic(
  projects: ProjectCredentials,
  accounts: AccountDirectory,
  header: string | undefined,
): Promise<PipelineAccess> {
  const credentials = parseBasic(header)
  if (credentials === undefined) throw unauthorized(`credentials are missing or unreadable; ${howTo}`)
  const { user, password } = credentials
  if (password !== '') {
    const account = await accounts.byCredentials(user, password)
    if (account !== undefined) return { account }
    throw unauthorized(`credentials are not known; ${howTo}`)
  }
  const project = await projects.bySecret(user)
  if (project !== undefined) return { project }
  if ((await projects.byToken(user)) !== undefined) {
    throw forbidden(`a project token may send events but not manage pipelines; ${howTo}`)
  }
  throw unauthorized(`credentials are not known; ${howTo}`)
}

/**
 * The project that a request is about: the secret's, with which a project_id must agree, or the one that a service
 * account names. Another project's id is answered as one that doesn't exist, and without asking the database: nothing
 * tells them apart.
 */
export function chooseProject(access: PipelineAccess, { project_id: id }: Parameters): PipelineProject {
  if (id === undefined) {
    if ('project' in access) return access.project
    throw badRequest('project_id is missing: a service account says which project it means')
  }
  if (typeof id !== 'string' || !/^\d{1,15}$/.test(id)) {
    throw badRequest(`project_id ${shown(id)} must be one positive whole number`)
  }
  if ('project' in access) {
    if (Number(id) === access.project.id) return access.project
    throw notAllowed(id)
  }
  const project = access.account.get(Number(id))
  if (project === undefined) throw notAllowed(id)
  if (mayManage(project.role)) return project
  throw forbidden(
    `the service account is ${project.role} of project ${Number(id)}; only owner and admin may manage pipelines`,
  )
}

function notAllowed(id: string): RequestError {
  return forbidden(`the credential is not allowed for project ${Number(id)}`)
}

export function unauthorized(message: string): RequestError {
  return new RequestError(401, 'PIPELINE_CREDENTIALS_UNKNOWN', message)
}

function forbidden(message: string): RequestError {
  return new RequestError(403, 'PIPELINE_CREDENTIALS_FORBIDDEN', message)
}
