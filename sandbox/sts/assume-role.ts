/** AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
import { AwsError } from '../answer.ts'
import { parseArn } from '../arn.ts'
import { authorize } from '../iam/authorize.ts'
import { baseContext } from '../iam/base-context.ts'
import { identityPolicySchema } from '../iam/policy-document.ts'
import type { Principal } from '../iam/principal.ts'
import type { AwsRequest } from '../request.ts'
import type { SandboxState } from '../state.ts'
import type { World, WorldRole } from '../world.ts'
import type { XmlNode } from '../xml.ts'

const usualSessionSeconds = 3600
const parameterNames = [
  'Action',
  'Version',
  'RoleArn',
  'RoleSessionName',
  'ExternalId',
  'DurationSeconds',
  'Policy',
]

interface AssumeRoleInput {
  readonly roleArn: string
  readonly sessionName: string
  readonly externalId: string | null
  readonly durationSeconds: number | null
  readonly policy: string | null
}

/** Begins a session of a role for a caller whom the role trusts. */
export function assumeRole(
  state: SandboxState,
  request: AwsRequest,
  principal: Principal,
  parameters: URLSearchParams,
): readonly XmlNode[] {
  const world = state.world.current
  const input = readInput(parameters)
  const nowMs = state.nowMs()
  const role = world.roles.find(({ arn }) => arn === input.roleArn)
  // A role that does not exist is refused like one that trusts somebody else: AWS does not tell which it is.
  if (role === undefined || !trusts(role, input, request, principal, world, nowMs)) {
    throw new AwsError(
      403,
      'AccessDenied',
      `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.roleArn}`,
    )
  }
  const seconds = sessionSeconds(input.durationSeconds, role, principal, world)
  const expiresAtMs = nowMs + seconds * 1000
  const credentials = state.sessions.issue({
    roleArn: role.arn,
    sessionName: input.sessionName,
    issuedAtMs: nowMs,
    expiresAtMs,
    policy: input.policy,
  })
  const { partition, account, resource } = parseArn(role.arn) ?? {}
  const arn = `arn:${partition}:sts::${account}:assumed-role/${resource?.split('/').at(-1)}/${input.sessionName}`
  return [
    [
      'AssumedRoleUser',
      [
        ['AssumedRoleId', `AROA${credentials.accessKeyId.slice(-16)}:${input.sessionName}`],
        ['Arn', arn],
      ],
    ],
    [
      'Credentials',
      [
        ['AccessKeyId', credentials.accessKeyId],
        ['SecretAccessKey', credentials.secretAccessKey],
        ['SessionToken', credentials.sessionToken],
        ['Expiration', `${new Date(expiresAtMs).toISOString().slice(0, 19)}Z`],
      ],
    ],
  ]
}

function trusts(
  role: WorldRole,
  input: AssumeRoleInput,
  request: AwsRequest,
  principal: Principal,
  world: World,
  nowMs: number,
): boolean {
  const context = baseContext(request, principal, world, nowMs)
  context.set('sts:rolesessionname', input.sessionName)
  if (input.externalId !== null) context.set('sts:externalid', input.externalId)
  return authorize({
    principal,
    action: 'sts:AssumeRole',
    resource: role.arn,
    context,
    resourceAccount: parseArn(role.arn)?.account ?? '',
    resourcePolicy: role.trustPolicy,
    resourcePolicyDecides: true,
  }).allowed
}

/** Where the caller names no duration, an hour, or less where the role allows less. */
function sessionSeconds(asked: number | null, role: WorldRole, principal: Principal, world: World): number {
  if (asked === null) return Math.min(usualSessionSeconds, role.maxSessionSeconds)
  if (asked < world.minSessionSeconds) {
    throw constraint(
      String(asked),
      'durationSeconds',
      `Member must have value greater than or equal to ${world.minSessionSeconds}`,
    )
  }
  if (asked > role.maxSessionSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  if (principal.roleArn !== null && asked > usualSessionSeconds) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    )
  }
  return asked
}

function readInput(parameters: URLSearchParams): AssumeRoleInput {
  for (const name of parameters.keys()) {
    if (!parameterNames.includes(name) && !name.startsWith('X-Amz-')) {
      throw validationError(`The sandbox does not support the parameter ${name} of AssumeRole.`)
    }
  }
  const roleArn = parameters.get('RoleArn') ?? ''
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn)) throw validationError(`${roleArn} is invalid`)
  const sessionName = bounded(parameters, 'RoleSessionName', 64, /^[\w+=,.@-]*$/, '[\\w+=,.@-]*')
  if (sessionName === null)
    throw validationError(
      "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
    )
  return {
    roleArn,
    sessionName,
    externalId: bounded(parameters, 'ExternalId', 1224, /^[\w+=,.@:/-]*$/, '[\\w+=,.@:\\/-]*'),
    durationSeconds: readDuration(parameters.get('DurationSeconds')),
    policy: readPolicy(parameters.get('Policy')),
  }
}

function bounded(
  parameters: URLSearchParams,
  name: string,
  lengthMax: number,
  allowed: RegExp,
  allowedText: string,
): string | null {
  const value = parameters.get(name)
  if (value === null) return null
  const member = name.charAt(0).toLowerCase() + name.slice(1)
  if (value.length < 2) throw constraint(value, member, 'Member must have length greater than or equal to 2')
  if (value.length > lengthMax) {
    throw constraint(value, member, `Member must have length less than or equal to ${lengthMax}`)
  }
  if (!allowed.test(value)) {
    throw constraint(value, member, `Member must satisfy regular expression pattern: ${allowedText}`)
  }
  return value
}

function readDuration(text: string | null): number | null {
  if (text === null) return null
  if (!/^\d{1,9}$/.test(text))
    throw new AwsError(400, 'MalformedInput', `${text} is not a number of seconds.`)
  if (Number(text) > 43_200) {
    throw constraint(text, 'durationSeconds', 'Member must have value less than or equal to 43200')
  }
  return Number(text)
}

function readPolicy(text: string | null): string | null {
  if (text === null) return null
  if (text.length > 2048)
    throw constraint('(policy)', 'policy', 'Member must have length less than or equal to 2048')
  try {
    identityPolicySchema.parse(JSON.parse(text))
    return text
  } catch {
    throw new AwsError(400, 'MalformedPolicyDocument', 'The policy is not in the valid JSON format.')
  }
}

function constraint(value: string, member: string, rule: string): AwsError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`,
  )
}

function validationError(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message)
}
