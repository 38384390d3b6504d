/** Limits that the database counts for all processes: as the rules say, and bounded in rows. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjectTurns } from '../../src/control/limits/project-turns.ts'
import { takeFromBucket } from '../../src/control/limits/rate-bucket.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createMemoryBuckets } from '../support/memory-buckets.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const minuteMs = 60_000

test('a bucket in the database gives what the rule of a bucket gives, whatever is asked and when', async () => {
  const bytesPerMinuteMax = 60_000
  let project = 100
  const ask = fc.record({
    neededBytes: fc.integer({ min: 1, max: 100_000 }),
    moreBytes: fc.integer({ min: 0, max: 50_000 }),
    // The clock may also be set back.
    passedMs: fc.integer({ min: -5000, max: 40_000 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(ask, { maxLength: 12 }), async (asks) => {
      const inMemory = createMemoryBuckets()
      let nowMs = 1_700_000_000_000
      project += 1
      for (const { neededBytes, moreBytes, passedMs } of asks) {
        nowMs += passedMs
        const wantedBytes = neededBytes + moreBytes
        const asked = { project: project as ProjectId, bytesPerMinuteMax, neededBytes, wantedBytes, nowMs }
        const given = await takeFromBucket(database.db, asked)
        const expected = await inMemory(asked)
        expect(given.grantedBytes).toBeCloseTo(expected.grantedBytes, 3)
        expect(given.leftBytes).toBeCloseTo(expected.leftBytes, 3)
      }
    }),
    { numRuns: 40 },
  )
})

test('askers at once get no more together than the bucket holds', async () => {
  const asked = { project: 1 as ProjectId, bytesPerMinuteMax: 10_000, nowMs: 1_700_000_000_000 }
  const answers = await Promise.all(
    Array.from({ length: 30 }, () =>
      takeFromBucket(database.db, { ...asked, neededBytes: 1000, wantedBytes: 1000 }),
    ),
  )
  expect(answers.filter(({ grantedBytes }) => grantedBytes > 0)).toHaveLength(10)
})

function turnsOf(kind: string, atOnceMax: number) {
  const clock = { ms: 1_700_000_000_000, nowMs: () => clock.ms }
  const windows = [{ turnsMax: 100, lengthMs: 3_600_000 }]
  const process = () => createProjectTurns(database.db, clock, kind, { atOnceMax, windows })
  return { clock, process }
}

test('of turns that processes ask for at once, as many are given as may be under way; one given back is free', async () => {
  const { process } = turnsOf('at-once', 3)
  const project = 1 as ProjectId
  const asked = await Promise.all(Array.from({ length: 8 }, () => process().take(project)))
  const taken = asked.flatMap((turn) => ('refused' in turn ? [] : [turn]))
  expect(taken).toHaveLength(3)
  expect(await process().take(project)).toEqual({
    refused: { used: 3, max: 3, windowMs: undefined, waitMs: undefined },
  })
  expect(await process().take(2 as ProjectId)).toHaveProperty('release')
  await taken[0]?.release()
  expect(await process().take(project)).toHaveProperty('release')
  for (const turn of taken) await turn.release()
})

test('what a process had under way that fell silent counts for a minute', async () => {
  const { clock, process } = turnsOf('silent', 1)
  const project = 1 as ProjectId
  // Its process renews nothing: the clock jumps.
  await process().take(project)
  clock.ms += minuteMs - 1
  expect(await process().take(project)).toHaveProperty('refused')
  clock.ms += 1
  expect(await process().take(project)).toHaveProperty('release')
})

test('turns that are over for an hour go', async () => {
  const { clock, process } = turnsOf('swept', 1000)
  for (let turn = 0; turn < 30; turn++) {
    const taken = await process().take(turn as ProjectId)
    if ('release' in taken) await taken.release()
  }
  clock.ms += 3_600_001
  for (let turn = 0; turn < 3; turn++) await process().take(1 as ProjectId)
  const rows = await database.db.selectFrom('project_turn').select('id').where('kind', '=', 'swept').execute()
  expect(rows).toHaveLength(3)
})
