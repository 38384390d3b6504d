/** POST /import: events from servers, checked one by one, acknowledged when they are durable. */
import { STATUS_CODES } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { FailedRecord } from '../../data/ingest/event-problem.ts'
import type { ImportInput, PreparedImport } from '../../data/ingest/prepare-import.ts'
import type { RequestRefusal } from '../../data/ingest/request-refusal.ts'
import { admitImport } from './admit-import.ts'
import { importForm, isFormImport } from './form-import.ts'
import type { IngestProject } from './ingest-deps.ts'
import { type IngestFailure, sendFailure } from './ingest-failure.ts'
import { readQuery } from './query-parameters.ts'
import { accepted, appendEvents, type Ingest, placesFor, withBody } from './take-in.ts'
import { tellFailed, tellingRefusal } from './tell-refused.ts'

/** Registers the routes in an encapsulated context that leaves bodies unread. */
export async function importRoutes(app: FastifyInstance, ingest: Ingest): Promise<void> {
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply, failureBody))
  app.get('/import', { exposeHeadRoute: false }, (request, reply) => importForm(ingest, request, reply))
  app.post('/import', async (request, reply) => {
    const query = readQuery(request.url)
    if (isFormImport(request, query)) return await importForm(ingest, request, reply)
    const { strict, project } = await admitImport(ingest, request, query)
    const taken = takeIn(ingest, request, project)
    const { columns, failed } = await tellingRefusal(ingest, '/import', project.id, taken)
    tellFailed(ingest, '/import', project.id, failed)
    const answer = importAnswer(columns.count, strict ? failed : [])
    return reply.code(answer.code).send(answer)
  })
}

/** Resolves when the valid events are durable. */
function takeIn(ingest: Ingest, request: FastifyRequest, project: IngestProject): Promise<PreparedImport> {
  return withBody(ingest, request.raw, project.id, async (body) => {
    const input: ImportInput = {
      body,
      contentEncoding: request.headers['content-encoding'],
      contentType: request.headers['content-type'],
      nowMs: ingest.clock.nowMs(),
      places: placesFor(ingest, request, false),
    }
    const prepared = accepted(
      await ingest.run<ImportInput, PreparedImport | { refused: RequestRefusal }>('prepareImport', input, [
        body.buffer,
      ]),
    )
    await appendEvents(ingest, [{ project, ...prepared }])
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
