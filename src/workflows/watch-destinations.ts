/**
 * Looks after the destinations of pipelines that are there already: daily whether a role still demands its external ID, and
 * for what connection tests have left in the bucket; and of pipelines that Penstock has paused whether they can go on. Any
 * number of processes may do so on one database.
 */
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Database } from '../control/db/tables.ts'
import type { RunNudges } from '../control/jobs/run-jobs.ts'
import { releaseHeldPipeline } from '../control/pipelines/change-pipeline.ts'
import { isRoleOfOther } from '../control/pipelines/create-pipeline.ts'
import {
  claimConnectionTest,
  claimTrustTest,
  holdPipeline,
  postponeTrust,
  recordRefusedTest,
  recordTrust,
  type WatchedPipeline,
} from '../control/pipelines/due-destination-tests.ts'
import { failuresInWords, stepInWords } from './connection-test/connection-refused.ts'
import type { DestinationTests } from './connection-test/destination-tests.ts'
import type { TrustMode } from './connection-test/test-trust.ts'

export interface WatchDeps {
  db: Kysely<Database>
  jobs: RunNudges
  tests: DestinationTests
  clock: Clock
  log: Logger
}

/** One look: everything that is due, one after the other. */
export async function watchDestinations(deps: WatchDeps, stopping: AbortSignal): Promise<void> {
  await workThroughDue(deps, stopping, claimTrustTest, testTrust)
  await workThroughDue(deps, stopping, claimConnectionTest, testHeld)
}

async function workThroughDue(
  deps: WatchDeps,
  stopping: AbortSignal,
  claim: typeof claimTrustTest,
  work: (deps: WatchDeps, pipeline: WatchedPipeline, stopping: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!stopping.aborted) {
    const pipeline = await claim(deps.db, deps.clock.nowMs())
    if (pipeline === undefined) return
    try {
      await work(deps, pipeline, stopping)
    } catch (error) {
      deps.log.error({ err: error, ...idsOf(pipeline) }, 'a destination could not be tested')
    }
  }
}

async function testTrust(deps: WatchDeps, pipeline: WatchedPipeline, stopping: AbortSignal): Promise<void> {
  const { db, tests, clock, log } = deps
  const trust = await trustMode(deps, pipeline)
  const { steps } = await tests.trust({ ...testedOf(pipeline), trust, stopping })
  if (stopping.aborted) return
  await tests.sweep({ ...testedOf(pipeline), stopping })
  const found = steps.find(({ step }) => step === 'trust')
  if (found?.code !== 'STS_ROLE_OPEN') {
    if (found?.result === 'passed') await recordTrust(db, pipeline.id, null)
    else await postponeTrust(db, pipeline.id, clock.nowMs())
    return
  }
  const warning = stepInWords(found)
  log.warn(idsOf(pipeline), 'a role lets in everybody')
  await recordTrust(db, pipeline.id, warning)
  if (trust !== 'refuse') return
  await holdPipeline(db, pipeline.id, { reason: heldReason(warning), nowMs: clock.nowMs() })
}

async function testHeld(deps: WatchDeps, pipeline: WatchedPipeline, stopping: AbortSignal): Promise<void> {
  const { db, jobs, tests, clock, log } = deps
  const trust = await trustMode(deps, pipeline)
  const test = await tests.whole({ ...testedOf(pipeline), trust, stopping })
  if (stopping.aborted) return
  if (!test.ok) {
    await recordRefusedTest(db, pipeline.id, heldReason(failuresInWords(test)))
    return
  }
  const released = await releaseHeldPipeline(db, jobs, pipeline.id, { nowMs: clock.nowMs() })
  if (released) log.info(idsOf(pipeline), 'a destination can be written to again; its pipeline goes on')
}

/** Of projects with the same role, the one that came first keeps it where it lets in everybody. */
async function trustMode({ db, tests }: WatchDeps, pipeline: WatchedPipeline): Promise<TrustMode> {
  const { projectId, destination, id } = pipeline
  return (await isRoleOfOther(db, projectId, destination.roleArn, id)) ? 'refuse' : tests.trustMode
}

/** What a log line says of whose destination it is. */
function idsOf({ projectId, id }: WatchedPipeline) {
  return { project: projectId, pipeline: id }
}

function testedOf({ projectId, token, destination }: WatchedPipeline) {
  return { projectId, externalId: token, destination }
}

function heldReason(why: string): string {
  return `paused until the connection test of its destination passes; it is repeated by itself. ${why}`
}
