/** The tests of destinations that a serving process offers to the rest of it. */
import { destinationTarget } from '../destination-target.ts'
import { attemptWithin, withinTime } from './attempt.ts'
import { deleteLeftovers } from './delete-leftovers.ts'
import { probeFolder } from './probe-object.ts'
import { createStepRecord } from './step-record.ts'
import {
  type ConnectionTestDeps,
  type TestedConnection,
  testConnection,
  trustTestedRole,
} from './test-connection.ts'
import { type TrustMode, testTrust } from './test-trust.ts'
import type { ConnectionTest } from './tested-step.ts'

/** `trust`: what is done about a role that lets in others, where it isn't as the operator says. */
type Tested = Omit<TestedConnection, 'trust'> & { trust?: TrustMode }

export interface DestinationTests {
  /** As the operator says. */
  trustMode: TrustMode
  whole(tested: Tested): Promise<ConnectionTest>
  /** Only whether the role lets in others. */
  trust(tested: Tested): Promise<ConnectionTest>
  /** Takes away what tests have left in the bucket that died in the middle. Does what it may, and never fails. */
  sweep(tested: Tested): Promise<void>
  close(): void
}

/** Of two requests and their repetitions. */
const trustTestMsMax = 30_000
/** Of a listing, and of as many deletions as there are probes. */
const sweepMsMax = 30_000

export function createDestinationTests(deps: ConnectionTestDeps, trustMode: TrustMode): DestinationTests {
  return {
    trustMode,
    whole: (tested) => testConnection(deps, { trust: trustMode, ...tested }),
    trust: (tested) => testTrustAlone(deps, { trust: trustMode, ...tested }),
    sweep: (tested) => sweepProbes(deps, tested),
    close: () => deps.probes.close(),
  }
}

async function testTrustAlone(
  { probes }: ConnectionTestDeps,
  tested: TestedConnection,
): Promise<ConnectionTest> {
  const signal = withinTime(trustTestMsMax, tested.stopping)
  const steps = createStepRecord()
  const { externalId, trust: mode } = tested
  await testTrust(
    { probes, steps, attempt: attemptWithin(signal), signal, externalId, mode },
    trustTestedRole(tested),
  )
  return steps.finish('only trust was asked for')
}

async function sweepProbes(
  { probes, clock, log }: ConnectionTestDeps,
  { projectId, externalId, destination, stopping }: Tested,
): Promise<void> {
  const signal = withinTime(sweepMsMax, stopping)
  const attempt = attemptWithin(signal)
  const probed = probes.open(
    destinationTarget(destination, { projectId, externalId, purpose: 'connection-test' }),
  )
  const folder = probeFolder(destination.prefix, projectId)
  try {
    await deleteLeftovers({ destination: probed, folder, attempt, clock, signal, log, context: destination })
  } finally {
    probed.close()
  }
}
