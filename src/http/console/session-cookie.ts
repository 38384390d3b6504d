/** The cookie of a console's session. */

import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Over HTTPS a browser takes a cookie of this name from this host alone, and for all its paths. */
const secureName = '__Host-penstock'
const plainName = 'penstock'

/** Undefined where the request has none. */
export function sessionToken(request: FastifyRequest): string | undefined {
  const header = request.headers.cookie
  return header === undefined ? undefined : parseCookie(header)[nameFor(request)]
}

/** Without an age: it goes with the browser's own session, and the server says how long it is good. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  sendCookie(request, reply, { value: token })
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  sendCookie(request, reply, { value: '', maxAge: 0 })
}

function sendCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  given: { value: string; maxAge?: number },
): void {
  const secure = isSecure(request)
  const fixed = { name: nameFor(request), path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  reply.header('set-cookie', stringifySetCookie({ ...fixed, ...given }))
}

function nameFor(request: FastifyRequest): string {
  return isSecure(request) ? secureName : plainName
}

/** Also behind a proxy of the operator's that says so. */
function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https'
}
