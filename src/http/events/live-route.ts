/** `live`: what a project's clients send, and what they are refused, as server-sent events. */
import type { KnownRefusal } from '../../control/projects/refusals.ts'
import type { Arrivals } from '../../data/store/arrivals.ts'
import { liveAnswer, liveQuery } from '../contract/live-events.ts'
import { authenticate, chooseProject } from '../pipelines/authenticate.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from '../pipelines/pipeline-app.ts'
import { isStillAllowed } from '../server-events.ts'
import { createLiveHub } from './live-hub.ts'

export function liveRoute(app: PipelineApp, deps: PipelineDeps): void {
  const { clock, store, streams, log, readSample } = deps
  const hub = createLiveHub(deps)
  const schema = { querystring: liveQuery, response: { 200: liveAnswer } }
  app.get('/live', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { id } = projectOf(request)
    const last = await store.lastArrival(id)
    const stream = streams.open(reply, id, () =>
      isStillAllowed(request, async () =>
        chooseProject(await authenticate(deps, request, false), { project_id: String(id) }),
      ),
    )
    const last_arrival_at = last.atMs === null ? null : timeText(last.atMs)
    stream.send('hello', { project_id: id, has_events: last.hasEvents, last_arrival_at })
    const isNews = createNews()
    const tellArrivals = async ({ events, newest }: Arrivals): Promise<void> => {
      const at = timeText(clock.nowMs())
      // Merged since, or past retention: the count is told all the same.
      const lines = await readSample(newest).catch((error) => {
        log.warn({ err: error }, 'a sample of what came in could not be read')
        return []
      })
      stream.send('arrivals', { at, events, sample: lines.map((line) => JSON.parse(line)) })
    }
    hub.watch(
      id,
      ({ arrivals, refusals }) => {
        if (arrivals !== undefined) void tellArrivals(arrivals)
        const news = refusals.filter(isNews)
        if (news.length > 0) stream.send('refusals', { refusals: news.map(describe) })
      },
      stream.closed,
    )
  })
}

/** Whether a refusal is new to who watches, or has been counted on. */
function createNews(): (refusal: KnownRefusal) => boolean {
  const told = new Map<number, number>()
  return ({ id, count }) => {
    if (told.get(id) === count) return false
    told.set(id, count)
    return true
  }
}

function describe({ id, path, field, message, count, firstAtMs, lastAtMs }: KnownRefusal) {
  const times = { first_at: timeText(firstAtMs), last_at: timeText(lastAtMs) }
  return { id: String(id), path, field, message, count, ...times }
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
