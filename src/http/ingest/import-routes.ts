/** POST /import: events from servers, checked one by one, acknowledged when they are durable. */
import { STATUS_CODES } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { FailedRecord } from '../../data/ingest/event-problem.ts'
import type { ImportInput, PreparedImport } from '../../data/ingest/prepare-import.ts'
import type { RequestRefusal } from '../../data/ingest/request-refusal.ts'
import { importProject } from './import-credentials.ts'
import type { IngestProject } from './ingest-deps.ts'
import { type IngestFailure, sendFailure } from './ingest-failure.ts'
import { flag, parseParameters, readQuery } from './query-parameters.ts'
import { accepted, type Ingest, withBody } from './take-in.ts'

const parameters = z.object({
  strict: flag,
  project_id: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, { error: "must be the project's id, a positive integer" })
    .transform(Number)
    .optional(),
})

/** Registers the route in an encapsulated context that leaves bodies unread. */
export async function importRoutes(app: FastifyInstance, ingest: Ingest): Promise<void> {
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply, failureBody))
  app.post('/import', async (request, reply) => {
    const { strict, project_id } = parseParameters(parameters, readQuery(request.url))
    const project = await importProject(ingest, request.headers.authorization, project_id)
    ingest.rate.check(project.id)
    const { columns, failed } = await takeIn(ingest, request, project)
    const answer = importAnswer(columns.count, strict ? failed : [])
    return reply.code(answer.code).send(answer)
  })
}

/** Resolves when the valid events are durable. */
function takeIn(ingest: Ingest, request: FastifyRequest, project: IngestProject): Promise<PreparedImport> {
  return withBody(ingest, request.raw, async (body) => {
    const input: ImportInput = {
      body,
      contentEncoding: request.headers['content-encoding'],
      contentType: request.headers['content-type'],
      nowMs: ingest.clock.nowMs(),
    }
    const prepared = accepted(
      await ingest.run<ImportInput, PreparedImport | { refused: RequestRefusal }>('prepareImport', input, [
        body.buffer,
      ]),
    )
    ingest.rate.take(project.id, prepared.bytes)
    const { columns } = prepared
    if (columns.count > 0)
      await ingest.append({ projectId: project.id, timeZone: project.timeZone, ...columns })
    return prepared
  })
}

/** Key order as in Mixpanel's reference. */
function importAnswer(imported: number, failed: FailedRecord[]) {
  if (failed.length === 0) return { code: 200, num_records_imported: imported, status: 'OK' }
  return {
    code: 400,
    error: 'some data points in the request failed validation',
    failed_records: failed,
    num_records_imported: imported,
    status: 'Bad Request',
  }
}

function failureBody({ status, error }: IngestFailure) {
  // Mixpanel answers with the older name of 413.
  const phrase = status === 413 ? 'Request Entity Too Large' : STATUS_CODES[status]
  return { code: status, error, status: phrase }
}
