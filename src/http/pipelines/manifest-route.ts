import { readFolder } from '../../control/folders/read-folder.ts'
import { folderManifest } from '../../workflows/folder-manifest.ts'
import { type ManifestQuery, manifestQuery } from '../contract/named-pipeline.ts'
import { manifestAnswer } from '../contract/pipeline-answers.ts'
import type { PipelineProject } from './authenticate.ts'
import { existingPipeline, noFolder, windowOf } from './named-folder.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'
import { zonedText } from './zone-text.ts'

/** `manifest`: what a finished folder consists of. */
export function manifestRoute(app: PipelineApp, { db }: PipelineDeps): void {
  const manifest = async (project: PipelineProject, query: ManifestQuery) => {
    const pipeline = await existingPipeline(db, project, query.name)
    const window = windowOf(pipeline, query)
    const folder = await readFolder(db, { pipelineId: pipeline.id, localHour: window.localHour })
    if (folder?.contents === undefined)
      throw folder === undefined
        ? noFolder(query, 'no finished folder of', 'status says what is on its way')
        : noFolder(query, 'no record of what it exported of', 'a version before manifests wrote it')
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
