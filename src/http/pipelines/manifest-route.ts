import { readFolder } from '../../control/folders/read-folder.ts'
import { firstHourOf } from '../../control/pipelines/calendar-date.ts'
import { findPipeline, type PipelineOverview } from '../../control/pipelines/list-pipelines.ts'
import { parameterRefused, pipelineUnknown } from '../../control/pipelines/pipeline-errors.ts'
import type { LocalHour } from '../../ids.ts'
import { folderManifest } from '../../workflows/folder-manifest.ts'
import { type ManifestQuery, manifestQuery } from '../contract/named-pipeline.ts'
import { manifestAnswer } from '../contract/pipeline-answers.ts'
import type { PipelineProject } from './authenticate.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'
import { RequestError } from './request-error.ts'
import { zonedText } from './zone-text.ts'

/** `manifest`: what a finished folder consists of. */
export function manifestRoute(app: PipelineApp, { db }: PipelineDeps): void {
  const manifest = async (project: PipelineProject, query: ManifestQuery) => {
    const pipeline = await findPipeline(db, project.id, query.name)
    if (pipeline === undefined) throw pipelineUnknown(query.name)
    const window = windowOf(pipeline, query)
    const folder = await readFolder(db, { pipelineId: pipeline.id, localHour: window.localHour })
    if (folder?.contents === undefined) throw noManifest(query, folder !== undefined)
    const { timeZone } = project
    const { prefix } = pipeline.destination
    const subject = { pipeline: pipeline.name, projectId: project.id, timeZone, prefix, window }
    const syncedAtMs = folder.syncedAtMs
    return {
      ...folderManifest(subject, folder.contents),
      exported_at: zonedText(timeZone, folder.exportedAtMs),
      ...(syncedAtMs === null ? {} : { synced_at: zonedText(timeZone, syncedAtMs) }),
    }
  }
  const response = { 200: manifestAnswer }
  app.get('/manifest', { schema: { querystring: manifestQuery, response } }, (request) =>
    manifest(projectOf(request), request.query),
  )
  app.post('/manifest', { schema: { body: manifestQuery, response } }, (request) =>
    manifest(projectOf(request), request.body),
  )
}

function windowOf({ frequency, name }: PipelineOverview, { date, hour }: ManifestQuery) {
  if (frequency === 'daily') {
    if (hour === undefined) return { localHour: firstHourOf(date), hours: 24 } as const
    throw parameterRefused(`hour goes only with an hourly pipeline; ${name} has one folder a day`)
  }
  if (hour === undefined) {
    throw parameterRefused(`hour is missing: ${name} is hourly, so say which hour of ${date}, 00 to 23`)
  }
  return { localHour: (firstHourOf(date) + Number(hour)) as LocalHour, hours: 1 } as const
}

function noManifest({ name, date, hour }: ManifestQuery, isExported: boolean): RequestError {
  const folder = `${name} has ${isExported ? 'no record of what it exported of' : 'no finished folder of'} ${date}`
  const when = hour === undefined ? '' : ` at ${hour.padStart(2, '0')} h`
  const why = isExported ? 'a version before manifests wrote it' : 'status says what is on its way'
  return new RequestError(404, 'PIPELINE_FOLDER_UNKNOWN', `${folder}${when}; ${why}`)
}
