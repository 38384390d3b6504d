import { describe, expect, test } from 'vitest'
import { bytesToWork, createByteGate, type Passage } from './byte-gate.ts'

function openGate(bytesMax: number) {
  const clock = { ms: 0, nowMs: () => clock.ms }
  const gate = createByteGate(bytesMax, clock)
  /** A request that stays at the gate until it is ended. */
  const enter = () => {
    const end = Promise.withResolvers<void>()
    const done: string[] = []
    let own: Passage | undefined
    const left = gate.pass(async (passage) => {
      own = passage
      passage.whenCut(({ code }) => done.push(code))
      await end.promise
    })
    const passage = own as unknown as Passage
    return {
      receive: (bytes: number) => passage.receive(bytes),
      work: (bytes: number) => passage.work(bytes).then(() => void done.push('works')),
      /** What has happened to it. */
      done,
      leave: () => {
        end.resolve()
        return left
      },
    }
  }
  const refused = () =>
    expect(gate.pass(async () => 'in')).rejects.toMatchObject({ code: 'INGEST_OVERLOADED' })
  const passes = () => expect(gate.pass(async () => 'in')).resolves.toBe('in')
  return { gate, clock, enter, refused, passes }
}

describe('bodies that come', () => {
  test('those that have sent nothing take no room', async () => {
    const { enter, passes } = openGate(400)
    const stalled = Array.from({ length: 50 }, enter)
    const honest = enter()
    honest.receive(100)
    await honest.work(300)
    expect(honest.done).toEqual(['works'])
    expect(stalled.flatMap(({ done }) => done)).toEqual([])
    await passes()
  })

  test('past a quarter of the room the one goes that has held the most for the longest time', async () => {
    const { clock, enter } = openGate(400)
    const large = enter()
    large.receive(60)
    clock.ms += 10
    const small = enter()
    small.receive(20)
    clock.ms += 10
    const late = enter()
    late.receive(21)
    expect([large.done, small.done, late.done]).toEqual([['INGEST_OVERLOADED'], [], []])
    late.receive(59)
    expect([small.done, late.done]).toEqual([[], []])
    late.receive(1)
    expect([small.done, late.done]).toEqual([['INGEST_OVERLOADED'], []])
  })

  test('what comes of a body after it was cut counts no more', () => {
    const { enter } = openGate(400)
    const cut = enter()
    cut.receive(100)
    const other = enter()
    other.receive(1)
    expect(cut.done).toEqual(['INGEST_OVERLOADED'])
    cut.receive(1000)
    expect(other.done).toEqual([])
  })

  test('one that is alone passes, however large it is', async () => {
    const { enter } = openGate(4)
    const alone = enter()
    alone.receive(100)
    await alone.work(100)
    expect(alone.done).toEqual(['works'])
  })
})

describe('bodies that are worked on', () => {
  test('what does not fit beside the others waits its turn, and nobody else comes in meanwhile', async () => {
    const { enter, refused, passes } = openGate(400)
    const first = enter()
    await first.work(200)
    const [second, third] = [enter(), enter()]
    const waiting = [second.work(101), third.work(1)]
    await refused()
    expect([second.done, third.done]).toEqual([[], []])
    await first.leave()
    await Promise.all(waiting)
    expect([second.done, third.done]).toEqual([['works'], ['works']])
    await passes()
  })

  test('as many begin at once as have room', async () => {
    const { enter } = openGate(400)
    const first = enter()
    await first.work(300)
    const others = Array.from({ length: 4 }, enter)
    const waiting = others.map((other) => other.work(150))
    await first.leave()
    await Promise.all(waiting.slice(0, 2))
    expect(others.map(({ done }) => done.length)).toEqual([1, 1, 0, 0])
    await others[0]?.leave()
    await others[1]?.leave()
    await Promise.all(waiting)
  })

  test('a body that waits is not cut, and counts', async () => {
    const { clock, enter } = openGate(400)
    const first = enter()
    await first.work(300)
    const waits = enter()
    const comes = enter()
    waits.receive(90)
    const waiting = waits.work(300)
    clock.ms += 1000
    comes.receive(11)
    expect([waits.done, comes.done]).toEqual([[], ['INGEST_OVERLOADED']])
    await first.leave()
    await waiting
    expect(waits.done).toEqual(['works'])
  })

  test('work that fails gives its room back', async () => {
    const { gate, enter } = openGate(400)
    const failing = gate.pass(async (passage) => {
      await passage.work(300)
      throw new Error('x')
    })
    await expect(failing).rejects.toThrow('x')
    const next = enter()
    await next.work(300)
    expect(next.done).toEqual(['works'])
  })

  test('more than there is room for passes when it is alone', async () => {
    const { enter } = openGate(4)
    const alone = enter()
    await alone.work(100)
    expect(alone.done).toEqual(['works'])
  })
})

test.each([
  [1000, undefined, 1000],
  [1000, 'gzip', 8000],
  [5_000_000, 'gzip', 10_485_760],
  [0, undefined, 0],
])('work on %d bytes, encoding %s, may take %d', (bodyBytes, encoding, bytes) => {
  expect(bytesToWork(bodyBytes, encoding)).toBe(bytes)
})
