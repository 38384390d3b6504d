/** `preview` and `events/recent`: a project's newest events that match. */
import { addDays, dateAt, firstHourOf } from '../../control/pipelines/calendar-date.ts'
import type { LocalHour } from '../../ids.ts'
import type { EventSearch, SearchedEvents } from '../../workflows/search-events.ts'
import { previewBody, recentQuery, type SearchAnswer, searchAnswer } from '../contract/event-search.ts'
import type { PipelineProject } from '../pipelines/authenticate.ts'
import { dateOf } from '../pipelines/named-folder.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from '../pipelines/pipeline-app.ts'
import { whenGone } from './when-gone.ts'

type SearchDeps = Pick<PipelineDeps, 'clock' | 'searchEvents'>

/** Events may be ahead of this server's clock, and of the project's midnight. */
const daysAhead = 2

export function previewRoute(app: PipelineApp, deps: SearchDeps): void {
  const schema = { body: previewBody, response: { 200: searchAnswer } }
  app.post('/preview', { schema }, async (request, reply) => {
    const { events, where, to_date, limit } = request.body
    const wanted = { eventNames: events ?? null, where: where ?? null, limit }
    return await search(deps, projectOf(request), { ...wanted, to_date }, whenGone(reply))
  })
}

export function recentRoute(app: PipelineApp, deps: SearchDeps): void {
  const schema = { querystring: recentQuery, response: { 200: searchAnswer } }
  app.get('/events/recent', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { distinct_id: id, to_date, limit } = request.query
    const wanted = { eventNames: null, where: whereUser(id), limit }
    return await search(deps, projectOf(request), { ...wanted, to_date }, whenGone(reply))
  })
}

/** By whichever id an SDK gave the user; as a number, where it may be one. */
function whereUser(id: string): string {
  const values = /^-?\d{1,15}$/.test(id) ? [JSON.stringify(id), id] : [JSON.stringify(id)]
  return ['distinct_id', '$user_id', '$device_id']
    .flatMap((name) => values.map((value) => `properties["${name}"] == ${value}`))
    .join(' or ')
}

async function search(
  { clock, searchEvents }: SearchDeps,
  { id: projectId, timeZone }: PipelineProject,
  { to_date: toDate, ...wanted }: Omit<EventSearch, 'projectId' | 'toHour'> & { to_date: string | undefined },
  signal: AbortSignal,
): Promise<SearchAnswer> {
  const last = toDate ?? addDays(dateAt(timeZone, clock.nowMs()), daysAhead)
  const toHour = firstHourOf(addDays(last, 1))
  return answerOf(await searchEvents({ ...wanted, projectId, toHour }, signal))
}

function answerOf(found: SearchedEvents): SearchAnswer {
  const { searchedFrom, eventsSkipped } = found
  const from = searchedFrom === undefined ? null : dateText(searchedFrom)
  return {
    events: found.lines.map((line) => JSON.parse(line)),
    searched_from: from,
    events_searched: found.eventsSearched,
    ...(eventsSkipped === 0 ? {} : { events_skipped: eventsSkipped }),
    complete: found.isComplete,
    next_to_date: found.hasOlder && from !== null ? addDays(from, -1) : null,
  }
}

function dateText(localHour: LocalHour): string {
  return dateOf({ localHour, hours: 24 }).date
}
