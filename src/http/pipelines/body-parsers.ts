import type { FastifyRequest } from 'fastify'
import { bodyBytesMax } from './answer-error.ts'
import type { PipelineApp } from './pipeline-app.ts'
import { readForm, readJson } from './read-parameters.ts'
import { badRequest, RequestError } from './request-error.ts'

type Pairs = ReturnType<typeof readJson>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Bodies are forms or JSON, small and uncompressed; whatever else is sent is a 415. */
export function addBodyParsers(app: PipelineApp): void {
  app.removeAllContentTypeParsers()
  const options = { parseAs: 'buffer', bodyLimit: bodyBytesMax } as const
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    options,
    async (_request: FastifyRequest, body: Buffer) => readForm(decode(body), 'body'),
  )
  app.addContentTypeParser('application/json', options, async (_request: FastifyRequest, body: Buffer) =>
    readJson(decode(body)),
  )
  app.addHook('onRequest', async (request) => {
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      throw new RequestError(
        415,
        'PIPELINE_BODY_UNSUPPORTED',
        'the body must not be compressed: send it as it is',
      )
    }
  })
}

/** What a parser made of a request's body; nothing when there was none. */
export function pairsOf(body: unknown): Pairs {
  return Array.isArray(body) ? body : []
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body)
  } catch {
    throw badRequest('the body must be encoded as UTF-8')
  }
}
