/** The Security Token Service: its Query API, by POST form or GET query. */
import { type Answer, AwsError } from '../answer.ts'
import { readAll } from '../byte-streams.ts'
import type { Exchange } from '../exchange.ts'
import type { AwsRequest } from '../request.ts'
import { type Authentication, authenticate } from '../sigv4/authenticate.ts'
import { sha256Hex } from '../sigv4/signature.ts'
import type { SandboxState } from '../state.ts'
import { writeXml, type XmlNode } from '../xml.ts'
import { stsActionNames } from './actions.ts'
import { assumeRole } from './assume-role.ts'
import { stsRefusals } from './refusals.ts'

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'
const formBytesMax = 65_536

/** Answers a request to STS; throws AwsError. */
export async function serveSts(state: SandboxState, exchange: Exchange): Promise<Answer> {
  const { request, record } = exchange
  const body = await readAll(request.body, formBytesMax)
  if (body === null)
    throw new AwsError(413, 'RequestEntityTooLarge', `The form is longer than ${formBytesMax} bytes.`)
  const parameters =
    request.method === 'POST' ? new URLSearchParams(body.toString()) : queryParameters(request.query)
  const action = parameters.get('Action') ?? ''
  record.action = action
  record.role = parameters.get('RoleArn')
  record.session_policy = parameters.get('Policy')

  const world = state.world.current
  const authentication = authenticate(
    request,
    sha256Hex(body),
    { world, sessions: state.sessions, nowMs: state.nowMs() },
    stsRefusals,
  )
  record.principal = authentication.principal.arn
  await state.faults.strike(exchange)
  const result = perform(action, state, exchange, authentication, parameters)
  return stsAnswer(action, result, exchange.requestId)
}

function queryParameters(query: AwsRequest['query']): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of query) parameters.append(name, value)
  return parameters
}

/** STS's form of an error. */
export function stsErrorAnswer(error: AwsError, requestId: string): Answer {
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const content: XmlNode = [
    'ErrorResponse',
    [
      [
        'Error',
        [
          ['Type', type],
          ['Code', error.code],
          ['Message', error.message],
        ],
      ],
      ['RequestId', requestId],
    ],
  ]
  const answer = xmlAnswer(error.status, content, requestId)
  return { ...answer, headers: { ...answer.headers, ...error.headers } }
}

function perform(
  action: string,
  state: SandboxState,
  exchange: Exchange,
  authentication: Authentication,
  parameters: URLSearchParams,
): readonly XmlNode[] {
  const { principal } = authentication
  switch (action) {
    case 'AssumeRole':
      return assumeRole(state, exchange.request, principal, parameters)
    case 'GetCallerIdentity':
      return [
        ['Arn', principal.arn],
        ['UserId', principal.userId],
        ['Account', principal.account],
      ]
    default:
      throw new AwsError(
        400,
        'InvalidAction',
        `Could not find operation ${action || '(none)'} for version ${parameters.get('Version') ?? 'NO_VERSION_SPECIFIED'}. The sandbox has ${stsActionNames.join(' and ')}.`,
      )
  }
}

function stsAnswer(action: string, result: readonly XmlNode[], requestId: string): Answer {
  const content: XmlNode = [
    `${action}Response`,
    [
      [`${action}Result`, result],
      ['ResponseMetadata', [['RequestId', requestId]]],
    ],
  ]
  return xmlAnswer(200, content, requestId)
}

function xmlAnswer(status: number, content: XmlNode, requestId: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: writeXml(content, namespace),
  }
}
