/** `folders`: what has become of each folder of a range of days, and whether everything is there. */
import { summarizeFolders } from '../../control/folders/summarize-folders.ts'
import { addDays, dateAt, firstHourOf } from '../../control/pipelines/calendar-date.ts'
import type { PipelineOverview } from '../../control/pipelines/list-pipelines.ts'
import { parameterRefused } from '../../control/pipelines/pipeline-errors.ts'
import type { HourTotals } from '../../data/store/hour-totals.ts'
import type { LocalHour } from '../../ids.ts'
import {
  cellSizes,
  cellsMax,
  type FolderCell,
  type FoldersAnswer,
  type FoldersQuery,
  foldersAnswer,
  foldersQuery,
} from '../contract/folder-calendar.ts'
import type { PipelineProject } from './authenticate.ts'
import { type Calendar, makeCalendar } from './folder-cells.ts'
import { existingPipeline } from './named-folder.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'

/** Days ahead of today that are shown. */
const daysAheadMax = 366
/** Summing up what the store has takes no longer, or is left out. */
const totalsMsMax = 10_000

export function foldersRoute(app: PipelineApp, { db, store, clock }: PipelineDeps): void {
  const folders = async (project: PipelineProject, query: FoldersQuery): Promise<FoldersAnswer> => {
    const pipeline = await existingPipeline(db, project, query.name)
    const nowMs = clock.nowMs()
    const { timeZone } = project
    const days = shownDays(pipeline, query, dateAt(timeZone, nowMs))
    const hours = pipeline.frequency === 'daily' ? 24 : 1
    const size = cellSize(days, hours, query.by)
    const fromHour = firstHourOf(days.fromDate)
    const toHour = (firstHourOf(days.toDate) + 24) as LocalHour
    const inStore = await store.hourTotals({ projectId: project.id, fromHour, toHour }, totalsMsMax)
    const range = { hours, fromHour, toHour, size } as const
    const newest = inStore ?? { hours: [], commits: [] }
    const planned = await summarizeFolders(db, { ...range, pipelineId: pipeline.id, newest })
    const { nextLocalHour } = pipeline
    const calendar = makeCalendar(planned, { ...range, timeZone, nowMs, nextLocalHour })
    return {
      ...describePipeline(project, pipeline),
      from_date: days.fromDate,
      to_date: days.toDate,
      by: size,
      cells: calendar.cells,
      totals: sumUp(calendar, inStore, selectsAll(pipeline)),
    }
  }
  const schema = { querystring: foldersQuery, response: { 200: foldersAnswer } }
  app.get('/folders', { schema }, (request) => folders(projectOf(request), request.query))
}

interface Days {
  fromDate: string
  toDate: string
}

/** What is asked for of the pipeline's own days. */
function shownDays(
  { fromDate: first, toDate: last }: PipelineOverview,
  { from_date: from = first, to_date: to }: FoldersQuery,
  today: string,
): Days {
  const latest = earlier(last ?? '9999-12-31', addDays(today, daysAheadMax))
  const fromDate = later(first, from)
  const toDate = earlier(latest, to ?? later(today, fromDate))
  // Days that are not the pipeline's at all make an empty calendar.
  return toDate < fromDate ? { fromDate, toDate: addDays(fromDate, -1) } : { fromDate, toDate }
}

function earlier(one: string, other: string): string {
  return one < other ? one : other
}

function later(one: string, other: string): string {
  return one > other ? one : other
}

function cellSize({ fromDate, toDate }: Days, hours: 1 | 24, asked: FoldersQuery['by']) {
  const days = (firstHourOf(toDate) - firstHourOf(fromDate)) / 24 + 1
  const cells = { folder: days * (24 / hours), day: days, month: days / 28 }
  const size = asked ?? cellSizes.find((each) => cells[each] <= cellsMax) ?? 'month'
  if (cells[size] <= cellsMax) return size
  throw parameterRefused(
    `by=${size} would make ${Math.ceil(cells[size])} cells of these days, of which ${cellsMax} are answered at most: ask for fewer days, or for a coarser by`,
  )
}

function selectsAll({ events, where }: PipelineOverview): boolean {
  return events === null && where === null
}

function describePipeline({ id, timeZone }: PipelineProject, pipeline: PipelineOverview) {
  const { destination } = pipeline
  return {
    name: pipeline.name,
    project_id: id,
    timezone: timeZone,
    state: pipeline.state,
    frequency: pipeline.frequency,
    pipeline_from_date: pipeline.fromDate,
    pipeline_to_date: pipeline.toDate,
    selects_all: selectsAll(pipeline),
    sync_enabled: pipeline.sync,
    destination: {
      s3_bucket: destination.bucket,
      s3_region: destination.region,
      s3_prefix: destination.prefix,
      s3_role: destination.roleArn,
      s3_encryption: destination.encryption,
      s3_kms_key_id: destination.kmsKeyId,
    },
  }
}

function sumUp(
  { cells, folders, notDueFrom }: Calendar,
  inStore: HourTotals | undefined,
  isComparable: boolean,
): FoldersAnswer['totals'] {
  const sum = (name: 'events' | 'bytes' | 'files' | 'duplicates') =>
    cells.reduce((total: number, cell: FolderCell) => total + cell[name], 0)
  const delivered = sum('events')
  const duplicates = sum('duplicates')
  const stored = inStore && addUp(inStore.events)
  const notDue =
    inStore &&
    addUp(inStore.events.filter((_, place) => (inStore.hours[place] ?? 0) >= (notDueFrom ?? Infinity)))
  const outstanding =
    isComparable && stored !== undefined && notDue !== undefined
      ? stored - notDue - delivered - duplicates
      : null
  return {
    folders,
    events_in_store: stored ?? null,
    events_not_due: notDue ?? null,
    events_delivered: delivered,
    bytes_delivered: sum('bytes'),
    files: sum('files'),
    duplicates,
    events_outstanding: outstanding,
  }
}

function addUp(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
