import type { FastifyError, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { answerError } from './answer-error.ts'
import { authenticate, chooseProject } from './authenticate.ts'
import { addBodyParsers, pairsOf } from './body-parsers.ts'
import { changingRoutes } from './changing-routes.ts'
import { refuseOtherCalls } from './other-calls.ts'
import { accessOf, decorateRequests, type PipelineDeps, setAccess, setProject } from './pipeline-app.ts'
import { gatherParameters, readForm } from './read-parameters.ts'
import { readingRoutes } from './reading-routes.ts'
import { setupRoute } from './setup-route.ts'
import { testRoute } from './test-route.ts'

/** The Data Pipelines API; mounted below `/api/2.0/nessie/pipeline` of a server that ignores trailing slashes. */
export function pipelineRoutes(deps: PipelineDeps): FastifyPluginAsync {
  return async (instance) => {
    const app = instance.withTypeProvider<ZodTypeProvider>()
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    app.setErrorHandler<FastifyError>((error, _request, reply) => answerError(error, reply, deps.log))
    decorateRequests(app)
    // Before the body is read: a stranger's is not looked at.
    app.addHook('onRequest', async (request) => {
      const { authorization } = request.headers
      setAccess(request, await authenticate(deps.projects, deps.accounts, authorization))
    })
    addBodyParsers(app)
    app.addHook('preValidation', async (request) => readParameters(request))
    changingRoutes(app, deps)
    readingRoutes(app, deps)
    setupRoute(app, deps)
    testRoute(app, deps)
    refuseOtherCalls(app)
  }
}

/** Query and body say the same things in the same words: together they are the parameters that a schema checks. */
function readParameters(request: FastifyRequest): void {
  const query = request.raw.url?.split('?').slice(1).join('?') ?? ''
  const pairs = [...readForm(query, 'query'), ...pairsOf(request.body)]
  const parameters = gatherParameters(pairs, request.routeOptions.config.clearableParameters)
  setProject(request, chooseProject(accessOf(request), parameters))
  request.body = parameters
  request.query = parameters
}
