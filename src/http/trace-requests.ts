import type { FastifyReply, FastifyRequest, RouteHandlerMethod, RouteOptions } from 'fastify'
import type { Tracing } from '../telemetry/tracing.ts'
import { projectOfRequest } from './request-ids.ts'

/** A hook for `onRoute`: each request that a route's handler works on is a span, below its sender's where that has one. */
export function traceRequests(tracing: Tracing): (route: RouteOptions) => void {
  return (route) => {
    const handle = route.handler
    const attributes = { 'http.route': route.url }
    route.handler = async function (request: FastifyRequest, reply: FastifyReply) {
      const { traceparent } = request.headers
      return await tracing.span(
        `${request.method} ${route.url}`,
        {
          attributes: {
            ...attributes,
            'http.request.method': request.method,
            'penstock.request': request.id,
          },
          // A span without a sender's is one of its own, whatever this process does just now.
          traceparent: typeof traceparent === 'string' ? traceparent : '',
        },
        async (span) => {
          try {
            return await handle.call(this, request, reply)
          } finally {
            const project = projectOfRequest(request)
            if (project !== undefined) span.set({ 'penstock.project': project })
          }
        },
      )
    } satisfies RouteHandlerMethod
  }
}
