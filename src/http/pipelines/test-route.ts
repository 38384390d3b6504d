import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { connectionAnswer, connectionDocument, stepDocument, testBody } from '../contract/connection-test.ts'
import type { testLine } from '../contract/streamed-test.ts'
import { messageFor } from './answer-error.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'

/** `test`: a connection test of a destination, whether a pipeline has it or not; as one document, or as lines while it runs. */
export function testRoute(app: PipelineApp, { destinationTests }: PipelineDeps): void {
  const schema = { body: testBody, response: { 200: connectionAnswer } }
  app.post('/test', { schema }, async (request, reply) => {
    const { id: projectId, token: externalId } = projectOf(request)
    const tested = { projectId, externalId, destination: request.body }
    if (!wantsLines(request)) return connectionDocument(await destinationTests.whole(tested))
    const lines = createLines(reply)
    try {
      const onStep = (step: Parameters<typeof stepDocument>[0]) => lines.write({ step: stepDocument(step) })
      lines.write({ result: connectionDocument(await destinationTests.whole({ ...tested, onStep })) })
    } catch (error) {
      // What is refused before the first step has a status of its own.
      if (!lines.hasBegun()) throw error
      request.log.error({ err: error }, 'a connection test broke off')
      lines.write({ error: messageFor(error), status: 'error' })
    }
    reply.raw.end()
    return reply
  })
}

function wantsLines({ headers: { accept } }: FastifyRequest): boolean {
  return accept?.includes('application/x-ndjson') === true
}

function createLines(reply: FastifyReply) {
  const { raw } = reply
  return {
    hasBegun: () => raw.headersSent,
    write: (line: z.input<typeof testLine>): void => {
      if (!raw.headersSent) {
        reply.hijack()
        raw.writeHead(200, {
          'content-type': 'application/x-ndjson',
          'cache-control': 'no-store',
          // nginx would keep it all back.
          'x-accel-buffering': 'no',
        })
      }
      raw.write(`${JSON.stringify(line)}\n`)
    },
  }
}
