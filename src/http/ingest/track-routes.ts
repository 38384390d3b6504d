/** GET and POST /track: events from clients, each naming its project by token. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FailedRecord } from '../../data/ingest/event-problem.ts'
import { requestProjectsMax } from '../../data/ingest/limits.ts'
import type { PreparedTrack, TrackInput } from '../../data/ingest/prepare-track.ts'
import type { RequestRefusal } from '../../data/ingest/request-refusal.ts'
import { answerBrowsers, answerPreflight } from './cors.ts'
import { sendFailure } from './ingest-failure.ts'
import { readQuery } from './query-parameters.ts'
import { accepted, appendEvents, type Ingest, placesFor, withSource } from './take-in.ts'
import { tellFailed } from './tell-refused.ts'
import { findOwners, unknownToken } from './token-owners.ts'
import { describeFailed, sendTrackAnswer, trackFailureBody } from './track-answer.ts'
import { mergeTrackOptions, readTrackOptions, type TrackOptions } from './track-options.ts'

/** Registers the routes in an encapsulated context that leaves bodies unread. */
export async function trackRoutes(app: FastifyInstance, ingest: Ingest): Promise<void> {
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply, trackFailureBody))
  app.addHook('onRequest', async (request, reply) => answerBrowsers(request, reply))
  app.options('/track', async (request, reply) => answerPreflight(request, reply))
  // A HEAD must not store anything.
  app.get('/track', { exposeHeadRoute: false }, (request, reply) => track(ingest, request, reply))
  app.post('/track', (request, reply) => track(ingest, request, reply))
}

async function track(ingest: Ingest, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = readTrackOptions(readQuery(request.url))
  const { prepared, unknown } = await takeIn(ingest, request, query)
  const options = mergeTrackOptions(query, prepared.fields)
  const error = describeFailed([...prepared.failed, ...unknown], prepared.count)
  return sendTrackAnswer(reply, options, error)
}

interface Taken {
  prepared: PreparedTrack
  /** Events whose token is no project's. */
  unknown: FailedRecord[]
}

/** Each token is looked up once, and few are refused at once: a request names a bounded number of projects. */
async function tellOwners(ingest: Ingest, { failed, failedTokens }: PreparedTrack): Promise<void> {
  if (ingest.onRefused === undefined) return
  const byToken = Map.groupBy(failed.entries(), ([place]) => failedTokens[place] ?? '')
  for (const [token, ofToken] of [...byToken].slice(0, requestProjectsMax)) {
    const project = await ingest.projects.byToken(token)
    const records = ofToken.map(([, record]) => record)
    if (project !== undefined) tellFailed(ingest, '/track', project.id, records)
  }
}

/** Resolves when the valid events of known projects are durable. */
function takeIn(ingest: Ingest, request: FastifyRequest, { data, ip }: TrackOptions): Promise<Taken> {
  const nowMs = ingest.clock.nowMs()
  const places = placesFor(ingest, request, ip)
  return withSource(ingest, request, { data }, (source, transfer) =>
    prepareAndAppend(ingest, { nowMs, source, places }, transfer),
  )
}

async function prepareAndAppend(ingest: Ingest, input: TrackInput, transfer: ArrayBuffer[]): Promise<Taken> {
  const prepared = accepted(
    await ingest.run<TrackInput, PreparedTrack | { refused: RequestRefusal }>(
      'prepareTrack',
      input,
      transfer,
    ),
  )
  const { known, unknown } = await findOwners(ingest.projects, prepared.groups)
  await tellOwners(ingest, prepared)
  await appendEvents(
    ingest,
    known.map(({ group: { columns }, project }) => ({ project, columns, bytes: columns.lines.length })),
  )
  return { prepared, unknown: unknown.flatMap((group) => unknownToken('properties.token', group)) }
}
