/** /import in the form in which the SDK for Node sends it: `data` as at /track, and the answer too, with credentials. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FormImportInput, PreparedFormImport } from '../../data/ingest/prepare-form-import.ts'
import type { RequestRefusal } from '../../data/ingest/request-refusal.ts'
import { admitImport } from './admit-import.ts'
import type { IngestProject } from './ingest-deps.ts'
import { readQuery } from './query-parameters.ts'
import { accepted, appendEvents, type Ingest, placesFor, withSource } from './take-in.ts'
import { describeFailed, sendTrackAnswer } from './track-answer.ts'
import { mergeTrackOptions, readTrackOptions } from './track-options.ts'

const formType = /^\s*application\/x-www-form-urlencoded\s*(;|$)/i

export function isFormImport(request: FastifyRequest, query: Map<string, string>): boolean {
  return query.has('data') || formType.test(request.headers['content-type'] ?? '')
}

export async function importForm(
  ingest: Ingest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = readQuery(request.url)
  const { project } = await admitImport(ingest, request, query)
  const options = readTrackOptions(query)
  const nowMs = ingest.clock.nowMs()
  const prepared = await withSource(
    ingest,
    request,
    { data: options.data, owner: project.id },
    (source, transfer) =>
      prepareAndAppend(
        ingest,
        project,
        { nowMs, source, places: placesFor(ingest, request, options.ip) },
        transfer,
      ),
  )
  const error = describeFailed(prepared.failed, prepared.count)
  return sendTrackAnswer(reply, mergeTrackOptions(options, prepared.fields), error)
}

/** Resolves when the valid events are durable. */
async function prepareAndAppend(
  ingest: Ingest,
  project: IngestProject,
  input: FormImportInput,
  transfer: ArrayBuffer[],
): Promise<PreparedFormImport> {
  type Answer = PreparedFormImport | { refused: RequestRefusal }
  const prepared = accepted(await ingest.run<FormImportInput, Answer>('prepareFormImport', input, transfer))
  await appendEvents(ingest, [{ project, ...prepared }])
  return prepared
}
