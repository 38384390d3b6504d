/**
 * What the SDKs ask for that is nothing to keep: they go on without it, and must not take a refusal for trouble.
 * Shapes: mixpanel-browser 2.83 (remote settings, flags, recorder), mixpanel for Node 0.24 (flags), mixpanel-swift 6.5
 * (first events of flags), and the mobile SDKs' older `decide`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerBrowsers, answerPreflight } from './cors.ts'

/** None of the SDK's settings is changed from here. */
const settings = { sdk_config: {} }
const noFlags = { flags: {} }
const noFlagDefinitions = { flags: [] }
const nothingDecided = { notifications: [], surveys: [], variants: [], event_bindings: [] }
/** Session recordings and first events of flags are no events: they are read to their end and not kept. */
const notKept = { code: 200, status: 'OK' }

const answers: Record<string, object> = {
  '/settings': settings,
  '/flags': noFlags,
  '/flags/definitions': noFlagDefinitions,
  '/decide': nothingDecided,
  '/flags/:flag/first-time-events': notKept,
  '/record': notKept,
}

export async function sdkRoutes(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', async (request, reply) => answerBrowsers(request, reply))
  for (const [path, answer] of Object.entries(answers)) {
    const handle = (request: FastifyRequest, reply: FastifyReply) => {
      request.raw.resume()
      return reply.send(answer)
    }
    app.options(path, async (request, reply) => answerPreflight(request, reply))
    app.get(path, handle)
    app.post(path, handle)
  }
}
