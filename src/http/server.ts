import type { Server } from 'node:https'
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Tracing } from '../telemetry/tracing.ts'
import { answeredErrors } from './answered-errors.ts'
import { pageRoutes } from './console/page-routes.ts'
import { drainOnClose } from './drain-connections.ts'
import type { IngestDeps } from './ingest/ingest-deps.ts'
import { ingestRoutes } from './ingest/ingest-routes.ts'
import { operationRoutes } from './operation-routes.ts'
import { requestIds, tellRequestId } from './request-ids.ts'
import { readTlsFiles, renewTls, type TlsFiles } from './tls-files.ts'
import { traceRequests } from './trace-requests.ts'

export interface ServerDeps {
  log: Logger
  ingest: IngestDeps
  /** Where the page of the console may have been built. */
  pageFolders: string[]
  /** What a project's credentials open. */
  projectApi: FastifyPluginAsync
  metrics: Registry | undefined
  /** Undefined where traces are off. */
  tracing: Tracing | undefined
  /** Told why a request was answered with an error. */
  onRefused(reason: string): void
  /** Serves HTTPS; without it HTTP. */
  tls?: TlsFiles | undefined
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  trustedProxies?: string[] | undefined
  /** What keeps the process from taking events now; empty when nothing does. */
  notReady(): Promise<string[]>
}

/** A client that keeps a connection open is let go after a minute: longer than load balancers wait. */
const keepAliveMs = 65_000
/** Headers must have come by then; bodies have their own limits. */
const connectionMs = 120_000

/** SDKs call `/track/` as well as `/track`. */
export const routerOptions = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 255 }

/** Builds the HTTP server; it listens when its caller says so. */
export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    ...(deps.tls !== undefined && { https: await readTlsFiles(deps.tls) }),
    loggerInstance: deps.log as FastifyBaseLogger,
    routerOptions,
    ...requestIds(),
    keepAliveTimeout: keepAliveMs,
    connectionTimeout: connectionMs,
    forceCloseConnections: 'idle',
    // Anybody can send X-Forwarded-For: it is believed of the operator's own proxies only.
    trustProxy: deps.trustedProxies ?? false,
  }) as unknown as FastifyInstance
  if (deps.tls !== undefined) app.addHook('onClose', renewTls(app.server as Server, deps.tls, deps.log))
  drainOnClose(app)
  app.addHook('onError', answeredErrors(deps.onRefused))
  app.setNotFoundHandler(answerNotServed)
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    tellRequestId(request, reply)
    const message = status >= 500 ? 'an unexpected error; the server has logged it' : error.message
    reply.code(status).send({ error: message, status: 'error' })
  })
  await app.register(operationRoutes(deps))
  if (deps.tracing !== undefined) app.addHook('onRoute', traceRequests(deps.tracing))
  await app.register(ingestRoutes(deps.ingest))
  await app.register(deps.projectApi)
  await app.register(pageRoutes(deps.pageFolders))
  return app
}

export function answerNotServed(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = `${request.method} ${request.url.split('?')[0]} is not served here`
  return reply.code(404).send({ error, status: 'error' })
}
