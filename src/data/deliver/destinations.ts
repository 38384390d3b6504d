/** Opens destinations: one client and one session for all that AssumeRole is sent the same for. */
import { type Access, assumableRole, createAccessFactory, type DestinationsOptions } from './access.ts'
import type { AssumableRole } from './assume-role.ts'
import type { Destinations } from './destination.ts'
import { createRecentMap } from './recent-map.ts'
import { createS3Destination } from './s3-destination.ts'

/** Sessions and clients that are kept; one that has fallen out costs an AssumeRole more. */
const accessesMax = 512

export function createDestinations(given: DestinationsOptions): Destinations {
  const factory = createAccessFactory(given)
  const { wait, log, onRetry } = factory.options
  const closed = new AbortController()
  const accesses = createRecentMap<Access>(accessesMax)
  return {
    open(target, ownLog, onUnanswered) {
      const access = accesses.getOrCreate(accessKey(assumableRole(target)), () =>
        factory.open(target, closed.signal),
      )
      return createS3Destination({ ...access, wait, log: ownLog ?? log, onRetry, onUnanswered }, target)
    },
    close() {
      closed.abort()
      for (const { s3 } of accesses.values()) s3.destroy()
      factory.close()
    },
  }
}

/**
 * Everything that AssumeRole is sent. The external ID above all: a session that one project's external ID has opened must
 * never serve another project that happens to know the role's ARN.
 */
export function accessKey({ roleArn, externalId, sessionName, region, policies }: AssumableRole): string {
  return JSON.stringify([roleArn, externalId, sessionName, region, policies[0]])
}
