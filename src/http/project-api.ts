import type { FastifyPluginAsync } from 'fastify'
import { gatherRoutes } from './openapi/describe-routes.ts'
import { openApiDocument } from './openapi/openapi-document.ts'
import type { PipelineDeps } from './pipelines/pipeline-app.ts'
import { pipelineRoutes } from './pipelines/pipeline-routes.ts'
import { profileListRoutes } from './profiles/profile-list-routes.ts'
import { type RawExportDeps, rawExportRoutes } from './raw-export/raw-export-routes.ts'

export interface ProjectApiDeps {
  pipelines: PipelineDeps
  rawExport: Pick<RawExportDeps, 'limits' | 'exportRange'>
}

const pipelinesPath = '/nessie/pipeline'

/**
 * What a project's credentials open, mounted below `/api/2.0`: the Data Pipelines API, the Raw Export API, the profiles.
 * Beside the pipelines' calls stands `openapi.json`, which describes them all and is for everybody.
 */
export function projectApi({ pipelines, rawExport }: ProjectApiDeps): FastifyPluginAsync {
  return async (app) => {
    const routes = gatherRoutes(app)
    await app.register(pipelineRoutes(pipelines), { prefix: pipelinesPath })
    await app.register(rawExportRoutes({ ...pipelines, ...rawExport }))
    await app.register(profileListRoutes(pipelines))
    const document = openApiDocument(routes)
    app.get(`${pipelinesPath}/openapi.json`, () => document)
  }
}
