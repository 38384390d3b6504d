import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { drainOnClose } from './drain-connections.ts'
import { type OperationDeps, operationRoutes } from './operation-routes.ts'
import { requestIds } from './request-ids.ts'

/** Serves what operators ask, and nothing else, for every role: of workers and schedulers it is the only listener. */
export async function buildOperationServer(deps: OperationDeps & { log: Logger }): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    ...requestIds(),
    forceCloseConnections: 'idle',
  }) as unknown as FastifyInstance
  drainOnClose(app)
  await app.register(operationRoutes(deps))
  return app
}
