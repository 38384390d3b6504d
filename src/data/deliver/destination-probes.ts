/** What a connection test asks beyond what an export does. Every probe asks anew: a session that is kept proves nothing. */
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { AwsDenial } from '../../aws/aws-denial.ts'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import { tryUntilItPasses } from '../../aws/tries.ts'
import type { Wait } from '../../aws/wait.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import { createAccessFactory, type DestinationsOptions } from './access.ts'
import type { Destination, DestinationTarget } from './destination.ts'
import { findDeniedKeyActions } from './find-denied-key-actions.ts'
import { listWithoutOwner } from './list-folder.ts'
import { findOpenings, type ProbedRole, type TrustOpening } from './probe-trust.ts'
import { createS3Destination } from './s3-destination.ts'
import { callerIdentityError } from './sts-errors.ts'

export interface DestinationProbes {
  /** Whom STS takes this program for. Undefined where what stands in for STS doesn't tell. */
  callerArn(region: string, signal: AbortSignal): Promise<string | undefined>
  /** Ways past the external ID, tried one by one; none is as it should be. */
  trustOpenings(role: ProbedRole, signal: AbortSignal): Promise<TrustOpening[]>
  open(target: DestinationTarget): ProbedDestination
  close(): void
}

/** A destination by a session of its own. */
export interface ProbedDestination extends Destination {
  /** Assumes the role; what else is asked here does so by itself. */
  assumeRole(signal: AbortSignal): Promise<void>
  /** Whether the bucket can be listed by whoever doesn't mind whose it is. */
  listsForAnyOwner(prefix: string, signal: AbortSignal): Promise<boolean>
  /** The same bucket by the same session, encrypted otherwise. */
  encryptedBy(encryption: DestinationTarget['encryption']): Destination
  /**
   * What the role may not do with the pipeline's key, of what the set-up lets it do and no export needs. Undefined where
   * that can't be found out.
   */
  deniedKeyActions(signal: AbortSignal): Promise<AwsDenial[] | undefined>
  close(): void
}

/** KMS may be out of reach where S3 is not, and nothing depends on it: so little is waited for it. */
const keyProbeMsMax = 10_000

export function createDestinationProbes(given: DestinationsOptions): DestinationProbes {
  const factory = createAccessFactory(given)
  const { wait, log, onRetry } = factory.options
  return {
    callerArn: async (region, signal) => {
      // Asked first: no STS is needed to find out that there are none.
      await factory.options.ownCredentials()
      return await callerArn(factory.sts(region), region, wait, signal)
    },
    trustOpenings: (role, signal) => findOpenings({ sts: factory.sts(role.region), wait, signal }, role),
    open(target) {
      const closed = new AbortController()
      const { session, s3 } = factory.open(target, closed.signal)
      const deps = { session, s3, wait, log, onRetry }
      return {
        ...createS3Destination(deps, target),
        assumeRole: async (signal) => void (await session.credentials(signal)),
        listsForAnyOwner: (prefix, signal) => listWithoutOwner(s3, target, prefix, signal),
        encryptedBy: (encryption) => createS3Destination(deps, { ...target, encryption, kmsKeyId: null }),
        deniedKeyActions: async (signal) => {
          const ended = AbortSignal.any([closed.signal, signal, AbortSignal.timeout(keyProbeMsMax)])
          const kms = factory.openKms(target, ended)
          if (kms === undefined || target.kmsKeyId === null) return undefined
          try {
            return await findDeniedKeyActions(kms, target.kmsKeyId, ended)
          } finally {
            kms.destroy()
          }
        },
        close: () => {
          closed.abort()
          s3.destroy()
        },
      }
    },
    close: () => factory.close(),
  }
}

async function callerArn(
  sts: STSClient,
  region: string,
  wait: Wait,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await tryUntilItPasses({
      before: async () => {},
      send: () => sts.send(new GetCallerIdentityCommand({}), { abortSignal: signal }),
      explain: (error) => {
        const failure = readAwsFailure(error)
        if (failure.status === 0 && failure.network === undefined) return undefined
        return callerIdentityError(failure, region)
      },
      signal,
      wait,
      onRetry: () => {},
    })
    return answer.Arn
  } catch (error) {
    // Not every server that knows AssumeRole knows this: it takes the identity, and has no word for it.
    if (error instanceof PenstockError && error.code === 'STS_REFUSED') return undefined
    throw error
  }
}
