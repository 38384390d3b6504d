import type { FastifyReply, FastifyRequest } from 'fastify'

/** How long a browser may remember a preflight's answer. */
const preflightSeconds = 86_400
const headerList = /^[\w\-, ]{1,1024}$/

/** What every answer to a web page has: leave to be read, and none to be kept or guessed at. */
export function answerBrowsers(request: FastifyRequest, reply: FastifyReply): void {
  allowAnyOrigin(request, reply)
  reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
}

/**
 * Any web page may send events: the project token in them is no secret, and nothing here reads a cookie. Browser SDKs
 * send with credentials, for which `*` would not do.
 */
function allowAnyOrigin(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('vary', 'Origin')
  const { origin } = request.headers
  if (origin === undefined) {
    reply.header('access-control-allow-origin', '*')
    return
  }
  reply
    .header('access-control-allow-origin', origin)
    .header('access-control-allow-credentials', 'true')
    .header('access-control-expose-headers', 'Retry-After')
}

export function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const wanted = request.headers['access-control-request-headers'] ?? ''
  return reply
    .header('access-control-allow-methods', 'GET, POST, OPTIONS')
    .header(
      'access-control-allow-headers',
      headerList.test(wanted) ? wanted : 'Content-Type, Content-Encoding',
    )
    .header('access-control-max-age', String(preflightSeconds))
    .code(204)
    .send()
}
