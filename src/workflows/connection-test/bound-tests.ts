import type { ProjectTurns } from '../../control/limits/project-turns.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTests } from './destination-tests.ts'

/**
 * The same tests, a bounded number of them at once: each may hold a connection for a minute, and whom it asks is somebody
 * else. One more is refused with `CONNECTION_TESTS_BUSY`.
 * @param inAllMax of this process, since it is its connections that are held
 * @param turns of one project at once, whichever process it asks: the others' tests go on
 */
export function boundTests(
  tests: DestinationTests,
  { turns, inAllMax }: { turns: ProjectTurns; inAllMax: number },
): DestinationTests {
  let inAll = 0
  const bounded =
    (test: DestinationTests['whole']): DestinationTests['whole'] =>
    async (tested) => {
      if (inAll >= inAllMax) throw busy()
      inAll += 1
      try {
        const turn = await turns.take(tested.projectId)
        if ('refused' in turn) throw busy()
        try {
          return await test(tested)
        } finally {
          await turn.release()
        }
      } finally {
        inAll -= 1
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
