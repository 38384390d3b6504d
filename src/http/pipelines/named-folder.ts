/** The pipeline and the folder that a call names. */
import type { Kysely } from 'kysely'
import type { Database } from '../../control/db/tables.ts'
import { firstHourOf } from '../../control/pipelines/calendar-date.ts'
import { findPipeline, type PipelineOverview } from '../../control/pipelines/list-pipelines.ts'
import { parameterRefused, pipelineUnknown } from '../../control/pipelines/pipeline-errors.ts'
import type { LocalHour } from '../../ids.ts'
import type { ManifestQuery } from '../contract/named-pipeline.ts'
import type { PipelineProject } from './authenticate.ts'
import { RequestError } from './request-error.ts'

/** @throws PenstockError PIPELINE_UNKNOWN */
export async function existingPipeline(
  db: Kysely<Database>,
  { id }: PipelineProject,
  name: string,
): Promise<PipelineOverview> {
  const pipeline = await findPipeline(db, id, name)
  if (pipeline === undefined) throw pipelineUnknown(name)
  return pipeline
}

/** @throws PenstockError PIPELINE_PARAMETER_REFUSED where the hour does not go with the pipeline */
export function windowOf({ frequency, name }: PipelineOverview, { date, hour }: ManifestQuery) {
  if (frequency === 'daily') {
    if (hour === undefined) return { localHour: firstHourOf(date), hours: 24 } as const
    throw parameterRefused(`hour goes only with an hourly pipeline; ${name} has one folder a day`)
  }
  if (hour === undefined) {
    throw parameterRefused(`hour is missing: ${name} is hourly, so say which hour of ${date}, 00 to 23`)
  }
  return { localHour: (firstHourOf(date) + Number(hour)) as LocalHour, hours: 1 } as const
}

/** @param has what it has not: the date follows */
export function noFolder({ name, date, hour }: ManifestQuery, has: string, why: string): RequestError {
  const when = hour === undefined ? date : `${date} at ${hour.padStart(2, '0')} h`
  return new RequestError(404, 'PIPELINE_FOLDER_UNKNOWN', `${name} has ${has} ${when}; ${why}`)
}

/** The date of a local hour, and for an hourly folder its hour, as answers have them. */
export function dateOf({ localHour, hours }: { localHour: LocalHour; hours: 1 | 24 }): {
  date: string
  hour?: string
} {
  const [date = '', time = ''] = new Date(localHour * 3_600_000).toISOString().split('T')
  return hours === 24 ? { date } : { date, hour: time.slice(0, 2) }
}
