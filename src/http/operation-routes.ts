import type { FastifyPluginAsync } from 'fastify'
import type { Registry } from 'prom-client'

export interface OperationDeps {
  /** Undefined where they are served elsewhere. */
  metrics: Registry | undefined
  /** What keeps the process from doing its work now; empty when nothing does. */
  notReady(): Promise<string[]>
}

/** `/healthz`: the process lives. `/readyz`: it can do its work now, or why not. `/metrics`: Prometheus. */
export function operationRoutes(deps: OperationDeps): FastifyPluginAsync {
  return async (app) => {
    app.get('/healthz', () => ({ status: 'ok' }))
    app.get('/readyz', async (_request, reply) => {
      const reasons = await deps.notReady()
      if (reasons.length === 0) return { status: 'ok' }
      return reply.code(503).header('retry-after', '5').send({ status: 'not ready', reasons })
    })
    const { metrics } = deps
    if (metrics === undefined) return
    app.get('/metrics', async (_request, reply) => {
      return reply.type(metrics.contentType).send(await metrics.metrics())
    })
  }
}
