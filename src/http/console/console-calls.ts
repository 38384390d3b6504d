/** The console's own calls, below `/console`: from its own page alone, and never cached. Mounted at the root. */
import type { FastifyError, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Clock } from '../../clock.ts'
import { answerError } from '../pipelines/answer-error.ts'
import { addBodyParsers, pairsOf } from '../pipelines/body-parsers.ts'
import { gatherParameters, readForm } from '../pipelines/read-parameters.ts'
import { type InstallationRoutesDeps, installationRoutes } from './installation-routes.ts'
import { refuseForeignPages } from './same-origin.ts'
import { sessionRoutes } from './session-routes.ts'
import { createSignInLimit } from './sign-in-limit.ts'

export interface ConsoleCallsDeps extends InstallationRoutesDeps {
  clock: Clock
  signInsPerMinuteMax: number
}

export function consoleCalls(deps: ConsoleCallsDeps): FastifyPluginAsync {
  // One count for both: either is a guess at a secret.
  const admit = createSignInLimit(deps.clock, deps.signInsPerMinuteMax)
  return async (instance) => {
    const app = instance.withTypeProvider<ZodTypeProvider>()
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    app.setErrorHandler<FastifyError>((error, request, reply) => answerError(error, request, reply))
    app.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store')
      refuseForeignPages(request)
    })
    addBodyParsers(app)
    app.addHook('preValidation', async (request) => readParameters(request))
    sessionRoutes(app, deps, admit)
    installationRoutes(app, deps, admit)
  }
}

function readParameters(request: FastifyRequest): void {
  request.body = gatherParameters(pairsOf(request.body))
  const query = request.raw.url?.split('?').slice(1).join('?') ?? ''
  request.query = gatherParameters(readForm(query, 'query'))
}
