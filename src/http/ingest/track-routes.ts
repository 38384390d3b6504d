/** GET and POST /track: events from clients, each naming its project by token. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { eventProblem, type FailedRecord } from '../../data/ingest/event-problem.ts'
import type { PreparedTrack, TokenGroup, TrackInput } from '../../data/ingest/prepare-track.ts'
import type { RequestRefusal } from '../../data/ingest/request-refusal.ts'
import { allowAnyOrigin, answerPreflight } from './cors.ts'
import type { IngestProject } from './ingest-deps.ts'
import { sendFailure } from './ingest-failure.ts'
import { readQuery } from './query-parameters.ts'
import { accepted, type Ingest, withBody } from './take-in.ts'
import { describeFailed, sendTrackAnswer, trackFailureBody } from './track-answer.ts'
import { mergeTrackOptions, readTrackOptions, type TrackOptions } from './track-options.ts'

/** Registers the routes in an encapsulated context that leaves bodies unread. */
export async function trackRoutes(app: FastifyInstance, ingest: Ingest): Promise<void> {
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply, trackFailureBody))
  app.addHook('onRequest', async (request, reply) => {
    allowAnyOrigin(request, reply)
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
  })
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

/** Resolves when the valid events of known projects are durable. */
function takeIn(ingest: Ingest, request: FastifyRequest, { data }: TrackOptions): Promise<Taken> {
  const nowMs = ingest.clock.nowMs()
  if (data !== undefined || request.method === 'GET') {
    const source = { data: data ?? '' }
    return ingest.gate.pass(source.data.length, () => prepareAndAppend(ingest, { nowMs, source }, []))
  }
  return withBody(ingest, request.raw, (body) => {
    const { 'content-encoding': contentEncoding, 'content-type': contentType } = request.headers
    const source = { body, contentEncoding, contentType }
    return prepareAndAppend(ingest, { nowMs, source }, [body.buffer])
  })
}

async function prepareAndAppend(ingest: Ingest, input: TrackInput, transfer: ArrayBuffer[]): Promise<Taken> {
  const prepared = accepted(
    await ingest.run<TrackInput, PreparedTrack | { refused: RequestRefusal }>(
      'prepareTrack',
      input,
      transfer,
    ),
  )
  const { known, unknown } = await findOwners(ingest, prepared.groups)
  // All are asked before any is charged: a refused request stores nothing.
  for (const { project } of known) ingest.rate.check(project.id)
  for (const { group, project } of known) ingest.rate.take(project.id, group.columns.lines.length)
  await Promise.all(known.map((owned) => appendGroup(ingest, owned)))
  return { prepared, unknown: unknown.flatMap(unknownToken) }
}

interface OwnedGroup {
  group: TokenGroup
  project: IngestProject
}

async function findOwners(ingest: Ingest, groups: TokenGroup[]) {
  const owners = await Promise.all(groups.map(({ token }) => ingest.projects.byToken(token)))
  const known: OwnedGroup[] = []
  const unknown: TokenGroup[] = []
  for (const [index, group] of groups.entries()) {
    const project = owners[index]
    if (project === undefined) unknown.push(group)
    else known.push({ group, project })
  }
  return { known, unknown }
}

function appendGroup(ingest: Ingest, { group, project }: OwnedGroup): Promise<void> {
  return ingest.append({ projectId: project.id, timeZone: project.timeZone, ...group.columns })
}

const { field, message } = eventProblem('properties.token', 'must be the token of a project here')

function unknownToken({ indexes }: TokenGroup): FailedRecord[] {
  return indexes.map((index) => ({ index, $insert_id: '', field, message }))
}
