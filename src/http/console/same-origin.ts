/** Whether a call that a cookie vouches for was made by a page of this server, and by one that meant it. */
import type { FastifyRequest } from 'fastify'
import { consoleHeader } from '../contract/console-session.ts'
import { RequestError } from '../pipelines/request-error.ts'

const safeMethods = ['GET', 'HEAD']

/**
 * A browser sends the cookie with whatever asks this host, so it proves nothing of who wrote the request. What changes
 * something must bear a header that other origins may not set, and come from here by all that the browser says.
 * @throws RequestError 403
 */
export function refuseForeignPages(request: FastifyRequest): void {
  if (safeMethods.includes(request.method)) return
  if (request.headers[consoleHeader] === undefined)
    throw forbidden('with the cookie of the console a call needs the header X-Penstock-Console: 1')
  if (!isOwnPage(request))
    throw forbidden('with the cookie of the console a call must come from its own page')
}

function isOwnPage({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  // Only what is no browser sends neither.
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const { protocol, host: from } = new URL(origin)
  // Written alike, whether a default port is named or not.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === from
}

function forbidden(message: string): RequestError {
  return new RequestError(403, 'CONSOLE_PAGE_FOREIGN', message)
}
