/** Sessions of roles and the clients that sign with them: made here, kept or not by whoever asked. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { Logger } from 'pino'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import type { AwsRequest } from '../../aws/aws-requests.ts'
import { type Wait, waitRealTime } from '../../aws/wait.ts'
import { type Clock, systemClock } from '../../clock.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import { type AssumableRole, assumeRole } from './assume-role.ts'
import { type CredentialsProvider, createKmsClient, createS3Client, createStsClient } from './aws-clients.ts'
import type { DestinationTarget } from './destination.ts'
import { readEndpoints } from './endpoints.ts'
import { createRecentMap } from './recent-map.ts'
import { createRoleSession, type RoleSession } from './role-session.ts'
import { keySessionPolicy, sessionPolicies } from './session-policy.ts'
import { ownCredentialsMissingError } from './sts-errors.ts'

export interface DestinationsOptions {
  pathStyle: boolean
  allowPlainHttp: boolean
  sessionSeconds: number
  log: Pick<Logger, 'info' | 'warn'>
  /** Where endpoints are read from. */
  env?: Record<string, string | undefined>
  /** This program's own identity; the AWS SDK's default chain where it is not given. */
  ownCredentials?: CredentialsProvider
  clock?: Clock
  wait?: Wait
  connectTimeoutMs?: number
  idleTimeoutMs?: number
  /** Told of each try of each request. */
  onRequest?: (request: AwsRequest) => void
  /** Told of each request that is about to be sent again. */
  onRetry?: (action: string) => void
}

type SettledOptions = Required<DestinationsOptions>

/** A session and its client, of targets that may share them. */
export interface Access {
  session: RoleSession
  s3: ReturnType<typeof createS3Client>
}

export interface AccessFactory {
  options: SettledOptions
  /** STS of one region, asked as this program itself; shared. */
  sts(region: string): ReturnType<typeof createStsClient>
  /** A session of its own for each call; `signal` ends what still asks for credentials. */
  open(target: DestinationTarget, signal: AbortSignal): Access
  /** For what only a connection test asks of the target's key. Undefined where no KMS is known. */
  openKms(target: DestinationTarget, signal: AbortSignal): ReturnType<typeof createKmsClient> | undefined
  /** Lets sockets to STS go. */
  close(): void
}

/** Clients of STS that are kept, one for each region. */
const regionsMax = 512

export function createAccessFactory(given: DestinationsOptions): AccessFactory {
  const options = settle(given)
  const endpoints = readEndpoints(options.env, options.allowPlainHttp)
  const stsClients = createRecentMap<ReturnType<typeof createStsClient>>(regionsMax)
  const sts = (region: string) =>
    stsClients.getOrCreate(region, () =>
      createStsClient({ ...options, region, endpoint: endpoints.sts }, options.ownCredentials),
    )
  return {
    options,
    sts,
    open(target, signal) {
      const role = assumableRole(target)
      checkSessionName(role.sessionName)
      const session = createSession(options, role, signal, sts(role.region))
      const credentials = () => session.credentials(signal)
      const s3 = createS3Client({ ...options, region: role.region, endpoint: endpoints.s3 }, credentials)
      return { session, s3 }
    },
    openKms(target, signal) {
      const endpoint = endpoints.kms
      if (endpoint === null) return undefined
      const role: AssumableRole = { ...assumableRole(target), policies: [keySessionPolicy(target)] }
      const session = createSession(options, role, signal, sts(role.region))
      return createKmsClient({ ...options, region: role.region, endpoint }, () => session.credentials(signal))
    },
    close() {
      for (const client of stsClients.values()) client.destroy()
    },
  }
}

/** All that AssumeRole is sent for a target. */
export function assumableRole(target: DestinationTarget): AssumableRole {
  const { roleArn, externalId, sessionName, region } = target
  return { roleArn, externalId, sessionName, region, policies: sessionPolicies(target) }
}

function createSession(
  { clock, wait, sessionSeconds, log, onRetry }: SettledOptions,
  role: AssumableRole,
  signal: AbortSignal,
  sts: ReturnType<typeof createStsClient>,
): RoleSession {
  const { roleArn, sessionName } = role
  return createRoleSession({
    clock,
    assume: () =>
      assumeRole(
        {
          sts,
          clock,
          wait,
          sessionSeconds,
          signal,
          onRetry: (error, waitMs) => {
            onRetry('AssumeRole')
            log.info({ roleArn, code: error.code, waitMs }, 'AssumeRole: trying again')
          },
        },
        role,
      ),
    onRenewalFailed: (error) =>
      log.warn(
        { err: error, roleArn, sessionName },
        'a session could not be renewed; the one held goes on to its end',
      ),
  })
}

function settle(given: DestinationsOptions): SettledOptions {
  return {
    env: process.env,
    clock: systemClock,
    wait: waitRealTime,
    connectTimeoutMs: 10_000,
    idleTimeoutMs: 60_000,
    onRequest: () => {},
    onRetry: () => {},
    ...given,
    ownCredentials: explained(given.ownCredentials ?? fromNodeProviderChain()),
  }
}

/** A failure of the chain must not look like one of the customer's role: the chain may call STS itself. */
function explained(ownCredentials: CredentialsProvider): CredentialsProvider {
  return async () => {
    try {
      return await ownCredentials()
    } catch (error) {
      throw ownCredentialsMissingError(readAwsFailure(error))
    }
  }
}

function checkSessionName(sessionName: DestinationTarget['sessionName']): void {
  if (/^[\w+=,.@-]{2,64}$/.test(sessionName)) return
  throw new PenstockError(
    'invariant',
    'DESTINATION_SESSION_NAME_INVALID',
    `role session name: found ${JSON.stringify(sessionName)}, expected 2 to 64 of A-Z a-z 0-9 _ + = , . @ -. This is a defect of Penstock: report it.`,
  )
}
