import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId } from '../../ids.ts'
import type { DestinationTests } from './destination-tests.ts'

export interface TestBounds {
  /** Of one project at once: the others' tests go on. */
  perProjectMax: number
  inAllMax: number
}

/**
 * The same tests, a bounded number of them at once: each may hold a connection for a minute, and whom it asks is somebody
 * else. One more is refused with `CONNECTION_TESTS_BUSY`.
 */
export function boundTests(
  tests: DestinationTests,
  { perProjectMax, inAllMax }: TestBounds,
): DestinationTests {
  const running = new Map<ProjectId, number>()
  let inAll = 0
  const count = (projectId: ProjectId, by: 1 | -1): void => {
    inAll += by
    const left = (running.get(projectId) ?? 0) + by
    if (left === 0) running.delete(projectId)
    else running.set(projectId, left)
  }
  const bounded =
    (test: DestinationTests['whole']): DestinationTests['whole'] =>
    async (tested) => {
      const { projectId } = tested
      if ((running.get(projectId) ?? 0) >= perProjectMax || inAll >= inAllMax) throw busy()
      count(projectId, 1)
      try {
        return await test(tested)
      } finally {
        count(projectId, -1)
      }
    }
  return {
    // Read each time: it is the operator's rule.
    get trustMode() {
      return tests.trustMode
    },
    whole: bounded((tested) => tests.whole(tested)),
    trust: bounded((tested) => tests.trust(tested)),
    // The daily watch's own, one after the other.
    sweep: (tested) => tests.sweep(tested),
    close: () => tests.close(),
  }
}

function busy(): PenstockError {
  return new PenstockError(
    'outside',
    'CONNECTION_TESTS_BUSY',
    'as many connection tests are under way as may be at once; try again when they have ended',
    { retryable: true },
  )
}
