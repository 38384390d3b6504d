import type { ProjectId, ProjectToken } from '../../ids.ts'
import { parseBasic } from '../basic-credentials.ts'
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

export interface ProjectCredentials {
  bySecret(secret: string): Promise<PipelineProject | undefined>
  byToken(token: string): Promise<PipelineProject | undefined>
}

const howTo = "send the project's API secret as Basic user name with an empty password (curl -u API_SECRET:)"

/** @throws RequestError 401 for a credential that isn't known, 403 for one that may not manage pipelines */
export async function authenticate(
  projects: ProjectCredentials,
  header: string | undefined,
): Promise<PipelineProject> {
  const credentials = parseBasic(header)
  if (credentials === undefined) throw unauthorized(`credentials are missing or unreadable; ${howTo}`)
  if (credentials.password !== '') {
    throw unauthorized(`service accounts come with a later version of Penstock; ${howTo}`)
  }
  const project = await projects.bySecret(credentials.user)
  if (project !== undefined) return project
  if ((await projects.byToken(credentials.user)) !== undefined) {
    throw forbidden(`a project token may send events but not manage pipelines; ${howTo}`)
  }
  throw unauthorized(`credentials are not known; ${howTo}`)
}

/**
 * Holds a project_id parameter against the credential's project. Another project's id is answered as one that doesn't
 * exist, and without asking the database: nothing tells them apart.
 */
export function checkProjectId(project: PipelineProject, { project_id: id }: Parameters): void {
  if (id === undefined) return
  if (typeof id !== 'string' || !/^\d{1,15}$/.test(id)) {
    throw badRequest(`project_id ${shown(id)} must be one positive whole number`)
  }
  if (Number(id) !== project.id) throw forbidden(`the credential is not allowed for project ${Number(id)}`)
}

function unauthorized(message: string): RequestError {
  return new RequestError(401, 'PIPELINE_CREDENTIALS_UNKNOWN', message)
}

function forbidden(message: string): RequestError {
  return new RequestError(403, 'PIPELINE_CREDENTIALS_FORBIDDEN', message)
}
