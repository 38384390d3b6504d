import type { FastifyPluginAsync } from 'fastify'
import type { PipelineDeps } from '../pipelines/pipeline-app.ts'
import { projectRoutes } from '../pipelines/project-routes.ts'
import { liveRoute } from './live-route.ts'
import { schemaRoute } from './schema-route.ts'
import { recentRoute } from './search-routes.ts'

/** What a project's events are, and what is happening to them. Mounted below /api/2.0. */
export function eventRoutes(deps: PipelineDeps): FastifyPluginAsync {
  return projectRoutes(deps, (app) => {
    recentRoute(app, deps)
    schemaRoute(app, deps)
    liveRoute(app, deps)
  })
}
