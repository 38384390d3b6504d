/** Opens destinations: one client and one session for each role, external ID, session name and region. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../../clock.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import { type AssumableRole, assumeRole } from './assume-role.ts'
import { type CredentialsProvider, createS3Client, createStsClient } from './aws-clients.ts'
import { readAwsFailure } from './aws-failure.ts'
import type { Destinations, DestinationTarget } from './destination.ts'
import { readEndpoints } from './endpoints.ts'
import { createRecentMap } from './recent-map.ts'
import { createRoleSession, type RoleSession } from './role-session.ts'
import { createS3Destination } from './s3-destination.ts'
import { ownCredentialsMissingError } from './sts-errors.ts'
import { type Wait, waitRealTime } from './wait.ts'

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
}

type Settled = Required<DestinationsOptions>

/** A session and its client, of targets that may share them. */
interface Access {
  session: RoleSession
  s3: ReturnType<typeof createS3Client>
}

/** Sessions and clients that are kept; one that has fallen out costs an AssumeRole more. */
const accessesMax = 512

export function createDestinations(given: DestinationsOptions): Destinations {
  const options = settle(given)
  const endpoints = readEndpoints(options.env, options.allowPlainHttp)
  const closed = new AbortController()
  const accesses = createRecentMap<Access>(accessesMax)
  const stsClients = createRecentMap<ReturnType<typeof createStsClient>>(accessesMax)
  const stsClient = (region: string) =>
    stsClients.getOrCreate(region, () =>
      createStsClient({ ...options, region, endpoint: endpoints.sts }, options.ownCredentials),
    )
  const openAccess = (role: AssumableRole): Access => {
    const session = createSession(options, role, closed.signal, stsClient(role.region))
    const credentials = () => session.credentials(closed.signal)
    return {
      session,
      s3: createS3Client({ ...options, region: role.region, endpoint: endpoints.s3 }, credentials),
    }
  }
  return {
    open(target) {
      checkSessionName(target.sessionName)
      const access = accesses.getOrCreate(accessKey(target), () => openAccess(target))
      return createS3Destination({ ...access, wait: options.wait, log: options.log }, target)
    },
    close() {
      closed.abort()
      for (const { s3 } of accesses.values()) s3.destroy()
      for (const sts of stsClients.values()) sts.destroy()
    },
  }
}

/**
 * Everything that AssumeRole is sent. The external ID above all: a session that one project's external ID has opened must
 * never serve another project that happens to know the role's ARN.
 */
export function accessKey({ roleArn, externalId, sessionName, region }: AssumableRole): string {
  return JSON.stringify([roleArn, externalId, sessionName, region])
}

function createSession(
  { clock, wait, sessionSeconds, log }: Settled,
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
          onRetry: (error, waitMs) =>
            log.info({ roleArn, code: error.code, waitMs }, 'AssumeRole: trying again'),
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

function settle(given: DestinationsOptions): Settled {
  return {
    env: process.env,
    clock: systemClock,
    wait: waitRealTime,
    connectTimeoutMs: 10_000,
    idleTimeoutMs: 60_000,
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
