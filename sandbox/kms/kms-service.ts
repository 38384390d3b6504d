/** The Key Management Service asked by itself: JSON 1.1, the operation in a header. */
import { type Answer, AwsError } from '../answer.ts'
import { readAll } from '../byte-streams.ts'
import type { Exchange } from '../exchange.ts'
import type { AwsRequest } from '../request.ts'
import { authenticate } from '../sigv4/authenticate.ts'
import { sha256Hex } from '../sigv4/signature.ts'
import type { SandboxState } from '../state.ts'
import { kmsActionNames } from './actions.ts'
import { kmsOperations } from './kms-operations.ts'
import { kmsRefusals } from './refusals.ts'

const contentType = 'application/x-amz-json-1.1'
const targetPrefix = 'TrentService.'
const bodyBytesMax = 65_536

export function isKms({ headers }: AwsRequest): boolean {
  return headers.get('x-amz-target')?.startsWith(targetPrefix) ?? false
}

/** Answers a request to KMS; throws AwsError. */
export async function serveKms(state: SandboxState, exchange: Exchange): Promise<Answer> {
  const { request, record } = exchange
  const body = await readAll(request.body, bodyBytesMax)
  if (body === null)
    throw new AwsError(413, 'RequestEntityTooLarge', `The body is longer than ${bodyBytesMax} bytes.`)
  const asked = request.headers.get('x-amz-target')?.slice(targetPrefix.length) ?? ''
  record.action = asked
  const world = state.world.current
  const identities = { world, sessions: state.sessions, nowMs: state.nowMs() }
  const authentication = authenticate(request, sha256Hex(body), identities, kmsRefusals)
  record.principal = authentication.principal.arn
  await state.faults.strike(exchange)
  const action = kmsActionNames.find((name) => name === asked)
  if (action === undefined) {
    const message = `The sandbox has ${kmsActionNames.join(', ')} of KMS.`
    throw new AwsError(400, 'UnknownOperationException', message)
  }
  const answer = kmsOperations[action]({ state, request, authentication }, body.toString())
  return { status: 200, headers: { 'content-type': contentType }, body: JSON.stringify(answer) }
}

/** KMS's form of an error. S3 puts `KMS.` before the names of those that it passes on. */
export function kmsErrorAnswer(error: AwsError, requestId: string): Answer {
  const type = error.code.replace(/^KMS\./, '')
  return {
    status: error.status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...error.headers },
    body: JSON.stringify({ __type: type, message: error.message }),
  }
}
