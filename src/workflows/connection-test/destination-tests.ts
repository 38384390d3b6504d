/** The tests of destinations that a serving process offers to the rest of it. */
import { attemptWithin, withinTime } from './attempt.ts'
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
  close(): void
}

/** Of two requests and their repetitions. */
const trustTestMsMax = 30_000

export function createDestinationTests(deps: ConnectionTestDeps, trustMode: TrustMode): DestinationTests {
  return {
    trustMode,
    whole: (tested) => testConnection(deps, { trust: trustMode, ...tested }),
    trust: (tested) => testTrustAlone(deps, { trust: trustMode, ...tested }),
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
