import type { FastifyPluginAsync } from 'fastify'
import { type ConsoleCallsDeps, consoleCalls } from './console/console-calls.ts'
import { eventRoutes } from './events/event-routes.ts'
import { gatherRoutes } from './openapi/describe-routes.ts'
import { openApiDocument } from './openapi/openapi-document.ts'
import type { PipelineDeps } from './pipelines/pipeline-app.ts'
import { pipelineRoutes } from './pipelines/pipeline-routes.ts'
import { profileListRoutes } from './profiles/profile-list-routes.ts'
import { type RawExportDeps, rawExportRoutes } from './raw-export/raw-export-routes.ts'

export interface ProjectApiDeps {
  pipelines: PipelineDeps
  rawExport: Pick<RawExportDeps, 'limits' | 'exportRange'>
  console: Pick<ConsoleCallsDeps, 'signInsPerMinuteMax' | 'sessions' | 'setupToken'>
}

const apiPath = '/api/2.0'
const pipelinesPath = `${apiPath}/nessie/pipeline`

/**
 * What a project's credentials open: the Data Pipelines API, the Raw Export API, the profiles; the sessions of the console, which
 * are a credential themselves, and its set-up. Beside the pipelines' calls stands `openapi.json`, which describes them all and is
 * for everybody. Mounted at the root.
 */
export function projectApi({ pipelines, rawExport, console }: ProjectApiDeps): FastifyPluginAsync {
  return async (app) => {
    const routes = gatherRoutes(app)
    app.addHook('preClose', async () => pipelines.streams.stop())
    await app.register(consoleCalls({ ...pipelines, ...console }))
    await app.register(pipelineRoutes(pipelines), { prefix: pipelinesPath })
    await app.register(rawExportRoutes({ ...pipelines, ...rawExport }), { prefix: apiPath })
    await app.register(profileListRoutes(pipelines), { prefix: apiPath })
    await app.register(eventRoutes(pipelines), { prefix: apiPath })
    const document = openApiDocument(routes)
    app.get(`${pipelinesPath}/openapi.json`, () => document)
  }
}
