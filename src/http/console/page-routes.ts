/** The console's page: files that a build left in a folder, and one document for all of its addresses. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { answerError } from '../pipelines/answer-error.ts'
import { RequestError } from '../pipelines/request-error.ts'

/** No script, style or address that isn't this server's own, nothing inline, and no frame around it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** What the build names by its contents never changes under its name. */
const forGood = 'public, max-age=31536000, immutable'
const hashedFolder = '/assets/'

/** @param folders where a build may be; the first that has one is served */
export function pageRoutes(folders: readonly string[]): FastifyPluginAsync {
  return async (app) => {
    const root = await firstBuilt(folders)
    app.setErrorHandler<FastifyError>((error, request, reply) => answerError(error, request, reply))
    app.addHook('onRequest', async (_request, reply) => void reply.headers(headers))
    if (root !== undefined) {
      await app.register(fastifyStatic, {
        root,
        wildcard: false,
        index: false,
        // The build leaves compressed forms beside its files.
        preCompressed: true,
        cacheControl: false,
        setHeaders: (reply, path) =>
          void reply.header('cache-control', path.includes(hashedFolder) ? forGood : 'no-cache'),
      })
    }
    const page = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      // Who doesn't ask for a page has mistaken the address of a call.
      if (!wantsPage(request)) throw notServed(request)
      if (root === undefined) throw notBuilt()
      return await reply.sendFile('index.html')
    }
    for (const path of ['/', '/console', '/console/*']) app.get(path, page)
  }
}

async function firstBuilt(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const isBuilt = await access(join(folder, 'index.html')).then(
      () => true,
      () => false,
    )
    if (isBuilt) return folder
  }
  return undefined
}

function wantsPage({ headers: { accept } }: FastifyRequest): boolean {
  return accept?.includes('text/html') === true
}

function notServed({ method, url }: FastifyRequest): RequestError {
  return new RequestError(404, 'CONSOLE_PAGE_UNKNOWN', `${method} ${url.split('?')[0]} is not served here`)
}

function notBuilt(): RequestError {
  return new RequestError(
    404,
    'CONSOLE_NOT_BUILT',
    'the console is not built in this clone: npm run build:web, then start the server again',
  )
}
