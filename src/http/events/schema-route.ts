/** `schema`: which events a project has, how many a day, and with which properties. */
import { addDays, dateAt, firstHourOf } from '../../control/pipelines/calendar-date.ts'
import { parameterRefused } from '../../control/pipelines/pipeline-errors.ts'
import type { LocalHour } from '../../ids.ts'
import type { DescribedEvent } from '../../workflows/describe-events.ts'
import { type SchemaAnswer, schemaAnswer, schemaDaysMax, schemaQuery } from '../contract/event-schema.ts'
import { dateOf } from '../pipelines/named-folder.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from '../pipelines/pipeline-app.ts'
import { whenGone } from './when-gone.ts'

const daysDefault = 30
const eventsMax = 500
const propertiesMax = 500

export function schemaRoute(app: PipelineApp, { clock, describeEvents }: PipelineDeps): void {
  const schema = { querystring: schemaQuery, response: { 200: schemaAnswer } }
  app.get('/schema', { schema, exposeHeadRoute: false }, async (request, reply): Promise<SchemaAnswer> => {
    const { id: projectId, timeZone } = projectOf(request)
    const { to_date, from_date } = request.query
    const toDate = to_date ?? dateAt(timeZone, clock.nowMs())
    const fromDate = from_date ?? addDays(toDate, 1 - daysDefault)
    refuseLong(fromDate, toDate)
    const toHour = (firstHourOf(toDate) + 24) as LocalHour
    const window = { projectId, fromHour: firstHourOf(fromDate), toHour }
    const found = await describeEvents(window, timeZone, whenGone(reply))
    const events = found
      .map(describedEvent)
      .sort((one, other) => other.count - one.count || (one.event < other.event ? -1 : 1))
    return {
      from_date: fromDate,
      to_date: toDate,
      timezone: timeZone,
      events: events.slice(0, eventsMax),
      truncated: events.length > eventsMax || found.some(({ properties }) => properties.size > propertiesMax),
    }
  })
}

function refuseLong(fromDate: string, toDate: string): void {
  const days = (firstHourOf(toDate) - firstHourOf(fromDate)) / 24 + 1
  if (days < 1) throw parameterRefused(`to_date ${toDate} must not be before from_date ${fromDate}`)
  if (days > schemaDaysMax)
    throw parameterRefused(`from_date and to_date span ${days} days; at most ${schemaDaysMax} are answered`)
}

function describedEvent({ name, days, isExact, sampled, properties }: DescribedEvent) {
  const counts = [...days].sort(([one], [other]) => one - other)
  return {
    event: name,
    count: counts.reduce((sum, [, count]) => sum + count, 0),
    days: counts.map(([day, count]) => ({
      date: dateOf({ localHour: (day * 24) as LocalHour, hours: 24 }).date,
      count,
    })),
    exact: isExact,
    sampled,
    properties: [...properties]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .slice(0, propertiesMax)
      .map(([property, types]) => ({ name: property, types })),
  }
}
