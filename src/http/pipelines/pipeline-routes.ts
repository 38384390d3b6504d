import type { FastifyPluginAsync } from 'fastify'
import { gatherRoutes } from '../openapi/describe-routes.ts'
import { openApiDocument } from '../openapi/openapi-document.ts'
import { changingRoutes } from './changing-routes.ts'
import { refuseOtherCalls } from './other-calls.ts'
import type { PipelineDeps } from './pipeline-app.ts'
import { projectRoutes } from './project-routes.ts'
import { readingRoutes } from './reading-routes.ts'
import { setupRoute } from './setup-route.ts'
import { testRoute } from './test-route.ts'

/**
 * The Data Pipelines API; mounted below `/api/2.0/nessie/pipeline` of a server that ignores trailing slashes. Beside its
 * calls stands `openapi.json`, which describes them and is for everybody.
 */
export function pipelineRoutes(deps: PipelineDeps): FastifyPluginAsync {
  return async (app) => {
    const routes = gatherRoutes(app)
    const calls = projectRoutes(deps, (ofProject) => {
      changingRoutes(ofProject, deps)
      readingRoutes(ofProject, deps)
      setupRoute(ofProject, deps)
      testRoute(ofProject, deps)
      refuseOtherCalls(ofProject)
    })
    await app.register(calls)
    const document = openApiDocument(routes)
    app.get('/openapi.json', () => document)
  }
}
