/** Takes HTTP requests, finds the service that each is for, and writes its answer. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { type Answer, AwsError, ConnectionCut } from './answer.ts'
import { cutAfter, slowDown } from './byte-streams.ts'
import { controlErrorAnswer, isControl, serveControl } from './control.ts'
import type { Exchange } from './exchange.ts'
import { isKms, kmsErrorAnswer, serveKms } from './kms/kms-service.ts'
import { type AwsRequest, queryValue, readRequest } from './request.ts'
import { hostId, s3ErrorAnswer, serveS3 } from './s3/s3-service.ts'
import type { SandboxState } from './state.ts'
import { serveSts, stsErrorAnswer } from './sts/sts-service.ts'

interface Service {
  serve(state: SandboxState, exchange: Exchange): Promise<Answer>
  errorAnswer(error: AwsError, requestId: string): Answer
}

const s3: Service = { serve: serveS3, errorAnswer: s3ErrorAnswer }
const sts: Service = { serve: serveSts, errorAnswer: stsErrorAnswer }
const kms: Service = { serve: serveKms, errorAnswer: kmsErrorAnswer }
const control: Service = {
  serve: (state, { request }) => serveControl(state, request),
  errorAnswer: controlErrorAnswer,
}

/** Handles one request to its end; never throws. */
export async function handleRequest(
  state: SandboxState,
  incoming: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Promise<void> {
  const closed = new AbortController()
  response.on('close', () => closed.abort())
  const exchange = startExchange(state, incoming, closed.signal)
  let service = s3
  state.requests.begin(exchange.record)
  try {
    const request = readRequest(incoming, readBody(incoming, response, expectsContinue))
    exchange.request = request
    service = chooseService(request)
    const answer = await service.serve(state, exchange)
    await send(state, exchange, response, answer, service !== control)
  } catch (error) {
    await sendError(state, exchange, response, error, service)
  } finally {
    state.requests.end(exchange.record)
  }
}

function chooseService(request: AwsRequest): Service {
  if (isControl(request)) return control
  if (isKms(request)) return kms
  if (/^sts\./.test(request.host)) return sts
  const isQuery = request.method === 'POST' || queryValue(request, 'Action') !== undefined
  // S3 has no POST to the root; a bucket in the host name makes even that path an object's or a bucket's.
  const isRootOfLoopback =
    /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.host) && request.path === '/'
  return isRootOfLoopback && isQuery ? sts : s3
}

/** The body; asking for its first byte tells a client that waits for it to go on. */
async function* readBody(
  incoming: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): AsyncGenerator<Buffer> {
  if (expectsContinue) response.writeContinue()
  try {
    yield* incoming
  } catch (error) {
    throw incoming.destroyed ? new ConnectionCut('the client left') : error
  }
}

function startExchange(state: SandboxState, incoming: IncomingMessage, closed: AbortSignal): Exchange {
  const requestId = randomBytes(8).toString('hex').toUpperCase()
  return {
    request: {
      method: '',
      host: '',
      path: '',
      query: [],
      headers: new Map(),
      sourceIp: '',
      body: Readable.from([]),
    },
    requestId,
    answerFault: null,
    closed,
    record: {
      n: 0,
      time: new Date(state.nowMs()).toISOString(),
      request_id: requestId,
      method: incoming.method ?? '',
      action: null,
      bucket: null,
      key: null,
      role: null,
      session_policy: null,
      status: null,
      code: null,
      encryption: {},
      principal: null,
      bytes_in: 0,
      bytes_out: 0,
      fault: false,
    },
  }
}

async function sendError(
  state: SandboxState,
  exchange: Exchange,
  response: ServerResponse,
  error: unknown,
  service: Service,
): Promise<void> {
  if (error instanceof ConnectionCut || response.headersSent) {
    exchange.record.code = 'ConnectionCut'
    if (!response.headersSent) state.requests.add(exchange.record)
    if (error instanceof ConnectionCut && error.isReset) response.socket?.resetAndDestroy()
    // What was written goes out first: a fault that cuts after so many bytes means bytes that arrive.
    else response.socket?.destroySoon()
    return
  }
  const known =
    error instanceof AwsError
      ? error
      : new AwsError(
          500,
          'InternalError',
          `The sandbox failed: ${error instanceof Error ? error.stack : String(error)}`,
        )
  exchange.record.code = known.code
  const answer = service.errorAnswer(known, exchange.requestId)
  await send(state, exchange, response, answer, service !== control).catch(() => response.destroy())
}

async function send(
  state: SandboxState,
  exchange: Exchange,
  response: ServerResponse,
  answer: Answer,
  isLogged: boolean,
): Promise<void> {
  const { record, answerFault: fault } = exchange
  if (fault?.cutAfterBytes === 0) throw new ConnectionCut('a fault, before the answer')
  record.status = answer.status
  // Logged before the first byte leaves: whoever has the answer finds the request in the log.
  if (isLogged) state.requests.add(record)
  const body = typeof answer.body === 'object' ? answer.body : Buffer.from(answer.body ?? '')
  response.writeHead(answer.status, {
    ...(answer.status !== 204 &&
      answer.status !== 304 &&
      Buffer.isBuffer(body) && { 'content-length': body.length }),
    'x-amz-request-id': exchange.requestId,
    'x-amz-id-2': hostId(exchange.requestId),
    server: 'PenstockSandbox',
    date: new Date(state.nowMs()).toUTCString(),
    ...answer.headers,
  })
  if (exchange.record.method !== 'HEAD') {
    let bytes: AsyncIterable<Buffer> = Buffer.isBuffer(body) ? Readable.from([body]) : body
    if (fault?.bytesPerSecond) bytes = slowDown(bytes, fault.bytesPerSecond, exchange.closed)
    if (fault?.cutAfterBytes) bytes = cutAfter(bytes, fault.cutAfterBytes)
    await writeBody(response, bytes, exchange)
  }
  response.end()
}

async function writeBody(
  response: ServerResponse,
  bytes: AsyncIterable<Buffer>,
  exchange: Exchange,
): Promise<void> {
  for await (const chunk of bytes) {
    exchange.record.bytes_out += chunk.length
    if (!response.write(chunk)) await drained(response, exchange.closed)
  }
}

/** Resolves when there is room again, or rejects when the client is gone. */
async function drained(response: ServerResponse, closed: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onClose = () => reject(new ConnectionCut('the client left'))
    if (closed.aborted) return onClose()
    closed.addEventListener('abort', onClose, { once: true })
    response.once('drain', () => {
      closed.removeEventListener('abort', onClose)
      resolve()
    })
  })
}
