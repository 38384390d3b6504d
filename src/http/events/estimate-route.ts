/** `estimate`: how much a pipeline of these days would export at once, and how long that would take. */
import { addDays, dateAt, firstHourOf } from '../../control/pipelines/calendar-date.ts'
import { folderTimes } from '../../control/pipelines/folder-times.ts'
import { type ExportMeasure, measureExports } from '../../control/runs/measure-exports.ts'
import type { LocalHour } from '../../ids.ts'
import { estimateAnswer, estimateBody } from '../contract/event-search.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from '../pipelines/pipeline-app.ts'

export function estimateRoute(app: PipelineApp, { db, clock, store }: PipelineDeps): void {
  const schema = { body: estimateBody, response: { 200: estimateAnswer } }
  app.post('/estimate', { schema }, async (request) => {
    const { id: projectId, timeZone } = projectOf(request)
    const { from_date: from, to_date, frequency = 'daily', events } = request.body
    const today = dateAt(timeZone, clock.nowMs())
    const to = to_date === undefined || to_date > today ? today : to_date
    const hours = frequency === 'daily' ? 24 : 1
    const due = dueFolders(timeZone, { from, to, hours, nowMs: clock.nowMs() })
    const window = { projectId, fromHour: firstHourOf(from), toHour: due.endHour }
    const size = await store.rangeSize(window, events ?? null)
    const own = await measureExports(db, projectId)
    const measure = own ?? (await measureExports(db, null))
    return {
      folders: due.folders,
      events: size.events,
      bytes: size.bytes,
      exact: size.isExact,
      seconds: measure === undefined ? null : secondsFor(due.folders, size.bytes, measure),
      measured_from: measure === undefined ? null : own === undefined ? 'server' : 'project',
    } as const
  })
}

/** How many there are, and the first hour after them. */
function dueFolders(
  timeZone: string,
  { from, to, hours, nowMs }: { from: string; to: string; hours: 1 | 24; nowMs: number },
): { folders: number; endHour: LocalHour } {
  const firstHour = firstHourOf(from)
  const lastHour = firstHourOf(addDays(to, 1))
  let folders = 0
  let endHour: number = firstHour
  for (let hour: number = firstHour; hour < lastHour; hour += hours) {
    const times = folderTimes(timeZone, hour as LocalHour, hours)
    if (times === undefined) continue
    if (times.dueAtMs > nowMs) break
    folders += 1
    endHour = hour + hours
  }
  return { folders, endHour: endHour as LocalHour }
}

/** A folder takes what folders took of late, and longer where it is larger. To two digits: it is no more exact than that. */
function secondsFor(folders: number, bytes: number, measure: ExportMeasure): number {
  const larger = folders === 0 ? 1 : Math.max(bytes / folders / measure.bytes, 1)
  const seconds = (folders * measure.seconds * larger) / measure.atOnce
  return Math.ceil(Number(seconds.toPrecision(2)))
}
