/** Sends event lines as they come, gzipped where the client takes that. */
import { Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { FastifyReply } from 'fastify'

/** A body that is no longer than this is sent as it is. */
const plainBytesMax = 1400

/**
 * Resolves when the answer is under way. What fails before its first bytes is thrown; what fails later cuts the connection,
 * since an answer that ended as usual would look whole.
 */
export async function sendLines(
  reply: FastifyReply,
  lines: AsyncGenerator<Buffer>,
  acceptEncoding: string | undefined,
): Promise<FastifyReply> {
  const { head, isWhole } = await readHead(lines)
  reply.type('text/plain; charset=utf-8').header('vary', 'accept-encoding')
  if (isWhole) return reply.send(head)
  const body = Readable.from(joined(head, lines), { objectMode: false })
  if (!takesGzip(acceptEncoding)) return reply.send(body)
  // One gzip member: joined ones, as they are stored, are cut after the first by clients that there are (curl, browsers).
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  body.on('error', (error) => gzip.destroy(error))
  gzip.on('close', () => body.destroy())
  return reply.header('content-encoding', 'gzip').send(body.pipe(gzip))
}

/** Reads on until it is known whether the body is short. */
async function readHead(lines: AsyncGenerator<Buffer>): Promise<{ head: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = []
  for (let bytes = 0; bytes <= plainBytesMax; ) {
    const { done, value } = await lines.next()
    if (done === true) return { head: Buffer.concat(chunks), isWhole: true }
    chunks.push(value)
    bytes += value.length
  }
  return { head: Buffer.concat(chunks), isWhole: false }
}

async function* joined(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield* rest
}

/** Whether `Accept-Encoding` allows gzip (RFC 9110, 12.5.3). */
function takesGzip(acceptEncoding = ''): boolean {
  const weights = new Map(
    acceptEncoding.split(',').map((part): [string, number] => {
      const [coding = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/)
      const weight = parameters.find((parameter) => parameter.startsWith('q='))
      return [coding, weight === undefined ? 1 : Number(weight.slice(2))]
    }),
  )
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0
}
