import type { FastifyPluginAsync } from 'fastify'
import { estimateRoute } from '../events/estimate-route.ts'
import { previewRoute } from '../events/search-routes.ts'
import { changingRoutes } from './changing-routes.ts'
import { foldersRoute } from './folders-route.ts'
import { historyRoute } from './history-route.ts'
import { manifestRoute } from './manifest-route.ts'
import { refuseOtherCalls } from './other-calls.ts'
import type { PipelineDeps } from './pipeline-app.ts'
import { projectRoutes } from './project-routes.ts'
import { readingRoutes } from './reading-routes.ts'
import { setupRoute } from './setup-route.ts'
import { testRoute } from './test-route.ts'
import { watchRoute } from './watch-route.ts'

/** The Data Pipelines API; mounted below `/api/2.0/nessie/pipeline` of a server that ignores trailing slashes. */
export function pipelineRoutes(deps: PipelineDeps): FastifyPluginAsync {
  return projectRoutes(deps, (app) => {
    changingRoutes(app, deps)
    readingRoutes(app, deps)
    manifestRoute(app, deps)
    foldersRoute(app, deps)
    historyRoute(app, deps)
    watchRoute(app, deps)
    previewRoute(app, deps)
    estimateRoute(app, deps)
    setupRoute(app, deps)
    testRoute(app, deps)
    refuseOtherCalls(app)
  })
}
