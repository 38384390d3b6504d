import type { FastifyError, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { answerError } from './answer-error.ts'
import { authenticate, type Credentials, chooseProject } from './authenticate.ts'
import { addBodyParsers, pairsOf } from './body-parsers.ts'
import { accessOf, decorateRequests, type PipelineApp, setAccess, setProject } from './pipeline-app.ts'
import { gatherParameters, readForm } from './read-parameters.ts'

/** Routes for a project's own: credentials first, then parameters of query and body in one, then the routes' schemas. */
export function projectRoutes(deps: Credentials, register: (app: PipelineApp) => void): FastifyPluginAsync {
  return async (instance) => {
    const app = instance.withTypeProvider<ZodTypeProvider>()
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    app.setErrorHandler<FastifyError>((error, request, reply) => answerError(error, request, reply))
    decorateRequests(app)
    // Before the body is read: a stranger's is not looked at.
    app.addHook('onRequest', async (request) => setAccess(request, await authenticate(deps, request)))
    addBodyParsers(app)
    app.addHook('preValidation', async (request) => readParameters(request))
    register(app)
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
