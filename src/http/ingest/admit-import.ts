import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { logProject } from '../request-ids.ts'
import { importProject } from './import-credentials.ts'
import { flag, parseParameters } from './query-parameters.ts'
import type { Ingest } from './take-in.ts'

const parameters = z.object({
  strict: flag,
  project_id: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, { error: "must be the project's id, a positive integer" })
    .transform(Number)
    .optional(),
})

/** @throws PenstockError for credentials that are no project's, or not those of the project that `project_id` names; and RetryLater for one that has sent more than it may */
export async function admitImport(ingest: Ingest, request: FastifyRequest, query: Map<string, string>) {
  const { strict, project_id } = parseParameters(parameters, query)
  const project = await importProject(ingest, request.headers.authorization, project_id)
  logProject(request, project.id)
  ingest.rate.check(project.id)
  ingest.quota.check(project)
  return { strict, project }
}
