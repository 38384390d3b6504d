/** /engage and /groups: updates of the profiles of users and of groups, each naming its project by token. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { eventProblem, type FailedRecord } from '../../data/ingest/event-problem.ts'
import type { PreparedProfiles, ProfilesInput, TokenUpdates } from '../../data/ingest/prepare-profiles.ts'
import type { RequestRefusal } from '../../data/ingest/request-refusal.ts'
import { parseKeepingDigits } from '../../exact-numbers/exact-numbers.ts'
import type { ProfileKind } from '../../profiles/check-update.ts'
import type { ProfileUpdate } from '../../profiles/profile-update.ts'
import { answerBrowsers, answerPreflight } from './cors.ts'
import { sendFailure } from './ingest-failure.ts'
import { readQuery } from './query-parameters.ts'
import { accepted, type Ingest, placesFor, withSource } from './take-in.ts'
import { findOwners, type Owned, unknownToken } from './token-owners.ts'
import { describeFailed, sendTrackAnswer, trackFailureBody } from './track-answer.ts'
import { mergeTrackOptions, readTrackOptions } from './track-options.ts'

const kinds: Record<string, ProfileKind> = { '/engage': 'user', '/groups': 'group' }

/** Registers the routes in an encapsulated context that leaves bodies unread. */
export async function profileRoutes(app: FastifyInstance, ingest: Ingest): Promise<void> {
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply, trackFailureBody))
  app.addHook('onRequest', async (request, reply) => answerBrowsers(request, reply))
  for (const [path, kind] of Object.entries(kinds)) {
    const handle = (request: FastifyRequest, reply: FastifyReply) => update(ingest, kind, request, reply)
    app.options(path, async (request, reply) => answerPreflight(request, reply))
    app.get(path, { exposeHeadRoute: false }, handle)
    app.post(path, handle)
  }
}

async function update(
  ingest: Ingest,
  kind: ProfileKind,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = readTrackOptions(readQuery(request.url))
  const nowMs = ingest.clock.nowMs()
  const places = placesFor(ingest, request, query.ip)
  const { prepared, failed } = await withSource(ingest, request, { data: query.data }, (source, transfer) =>
    prepareAndUpdate(ingest, { kind, nowMs, source, places }, transfer),
  )
  const options = mergeTrackOptions(query, prepared.fields)
  return sendTrackAnswer(reply, options, describeFailed(failed, prepared.count))
}

/** Resolves when the valid updates of known projects are durable. */
async function prepareAndUpdate(ingest: Ingest, input: ProfilesInput, transfer: ArrayBuffer[]) {
  type Answer = PreparedProfiles | { refused: RequestRefusal }
  const prepared = accepted(await ingest.run<ProfilesInput, Answer>('prepareProfiles', input, transfer))
  const { known, unknown } = await findOwners(ingest.projects, prepared.groups)
  for (const { project } of known) ingest.rate.check(project.id)
  for (const { project, group } of known) await ingest.rate.take(project.id, group.bytes)
  const tooLarge = await Promise.all(known.map((owned) => updateGroup(ingest, owned, input.nowMs)))
  const strangers = unknown.flatMap((group) => unknownToken('$token', group))
  return { prepared, failed: [...prepared.failed, ...strangers, ...tooLarge.flat()] }
}

async function updateGroup(
  ingest: Ingest,
  { project, group }: Owned<TokenUpdates>,
  nowMs: number,
): Promise<FailedRecord[]> {
  const updates = parseKeepingDigits(group.updatesJson) as ProfileUpdate[]
  const refused = await ingest.updateProfiles(project.id, updates, nowMs)
  return refused.map((place) => ({ index: group.indexes[place] ?? 0, $insert_id: '', ...tooLarge }))
}

const tooLarge = eventProblem('profile', 'its properties would take more than 1 MB as JSON')
