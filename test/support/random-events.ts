/** Random events of few names and ids, so that many are duplicates of others. */
import fc from 'fast-check'
import type { TestEvent } from './event-batches.ts'

export const randomEventNames = ['Signed Up', 'Page Viewed', 'Page', 'a"quoted\\name', 'Ünïcode ✓']

/** @param time in whole seconds */
export function randomEvent(time: fc.Arbitrary<number>): fc.Arbitrary<TestEvent> {
  return fc.record({
    event: fc.constantFrom(...randomEventNames),
    properties: fc.record({
      time,
      distinct_id: fc.constantFrom('ann', 'bob'),
      $insert_id: fc.constantFrom('i-1', 'i-2', 'i-3'),
      payload: fc.string({ maxLength: 40 }),
    }),
  })
}
