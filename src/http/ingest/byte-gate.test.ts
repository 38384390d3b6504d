import { describe, expect, test } from 'vitest'
import type { ProjectId } from '../../ids.ts'
import { bytesToWork, createByteGate, type Passage } from './byte-gate.ts'
import type { RoomOwner } from './room-owner.ts'

const [acme, bolt, core] = [1, 2, 3] as [ProjectId, ProjectId, ProjectId]

function openGate(bytesMax: number, projectPercentMax = 100, standingMsMax = 0) {
  const clock = { ms: 0, nowMs: () => clock.ms }
  const gate = createByteGate({ clock, bytesMax, projectPercentMax, standingMsMax })
  /** A request that stays at the gate until it is ended. */
  const enter = (owner: RoomOwner | 'nobody' = acme) => {
    const end = Promise.withResolvers<void>()
    const done: string[] = []
    let own: Passage | undefined
    const left = gate.pass(owner === 'nobody' ? undefined : owner, async (passage) => {
      own = passage
      passage.whenCut(({ code }) => done.push(code))
      await end.promise
    })
    const passage = own as unknown as Passage
    return {
      receive: (bytes: number) => passage.receive(bytes),
      belongTo: (project: ProjectId) => passage.belongTo(project),
      work: (bytes: number) =>
        passage.work(bytes).then(
          () => void done.push('works'),
          ({ code }) => void done.push(code),
        ),
      /** What has happened to it. */
      done,
      leave: () => {
        end.resolve()
        return left
      },
    }
  }
  const refused = (owner: RoomOwner = acme) =>
    expect(gate.pass(owner, async () => 'in')).rejects.toMatchObject({ code: 'INGEST_OVERLOADED' })
  const passes = (owner: RoomOwner = acme) => expect(gate.pass(owner, async () => 'in')).resolves.toBe('in')
  return { gate, clock, enter, refused, passes }
}

describe('bodies that come', () => {
  test('those that have sent nothing take no room', async () => {
    const { enter, passes } = openGate(400)
    const stalled = Array.from({ length: 50 }, () => enter())
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
  test('what does not fit beside the others waits its turn, and no more of its project comes in meanwhile', async () => {
    const { enter, refused, passes } = openGate(400)
    const first = enter()
    await first.work(200)
    const [second, third] = [enter(), enter()]
    const waiting = [second.work(101), third.work(1)]
    await refused(acme)
    await passes(bolt)
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
    const others = Array.from({ length: 4 }, () => enter())
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
    const failing = gate.pass(acme, async (passage) => {
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

describe('requests of a project whose others wait for room', () => {
  /** A gate that one of acme's is worked on in while a second waits. Room for two requests that stand, and one a project. */
  const openFullGate = async (standingMsMax: number, standingMax = 2) => {
    const room = openGate(standingMax * 8 * 64 * 1024, 100, standingMsMax)
    const works = room.enter()
    await works.work(standingMax * 6 * 64 * 1024)
    const waits = room.enter()
    const waiting = waits.work(100)
    return { ...room, works, waits, waiting }
  }
  const longMs = 60_000

  test('stand unread, and come in their order once nothing waits, no more at once than a sixteenth', async () => {
    const { gate, works, waits, waiting } = await openFullGate(longMs, 8)
    const order: string[] = []
    const ends: (() => void)[] = []
    const stand = (name: string) => {
      const come = () => {
        order.push(name)
        return new Promise<void>((resolve) => ends.push(resolve))
      }
      return gate.pass(acme, come, { bytes: 120 * 1024, pause: () => order.push(`${name} stands`) })
    }
    const standing = ['1', '2', '3', '4'].map(stand)
    expect(order.splice(0)).toEqual(['1 stands', '2 stands', '3 stands', '4 stands'])
    await works.leave()
    await waiting
    expect(waits.done).toEqual(['works'])
    expect(order).toEqual(['1', '2'])
    ends[0]?.()
    await expect.poll(() => order).toEqual(['1', '2', '3'])
    for (let end = 1; end < 4; end++) {
      await expect.poll(() => ends.length).toBeGreaterThan(end)
      ends[end]?.()
    }
    await Promise.all(standing)
    expect(order).toEqual(['1', '2', '3', '4'])
  })

  test('are refused when their time is up', async () => {
    const { refused, works, waiting } = await openFullGate(1)
    await refused(acme)
    await works.leave()
    await waiting
  })

  test('are refused at once where as many stand as may', async () => {
    const { gate, refused, passes, works, waiting } = await openFullGate(longMs)
    const standing = gate.pass(acme, async () => 'in')
    await refused(acme)
    await passes(bolt)
    await works.leave()
    await waiting
    expect(await standing).toBe('in')
  })

  test('stand no more once nothing of their project waits', async () => {
    const { passes, works, waiting } = await openFullGate(longMs)
    await works.leave()
    await waiting
    await passes(acme)
  })
})

describe('projects', () => {
  test('the one that holds the most of what comes makes room, also with a body that has just come', () => {
    const { clock, enter } = openGate(400)
    const slow = enter(bolt)
    slow.receive(45)
    clock.ms += 1000
    const fast = [enter(acme), enter(acme)]
    for (const body of fast) body.receive(25)
    clock.ms += 1
    for (const body of fast) body.receive(5)
    expect(slow.done).toEqual([])
    expect(fast.flatMap(({ done }) => done)).toEqual(['INGEST_OVERLOADED'])
  })

  test('those of which nobody knows share one room until they turn out to be of a project', () => {
    const { clock, enter } = openGate(400)
    const strangers = [enter('nobody'), enter('nobody')]
    for (const body of strangers) body.receive(40)
    const named = enter('nobody')
    named.receive(20)
    named.belongTo(bolt)
    clock.ms += 1
    named.receive(15)
    expect(named.done).toEqual([])
    expect(strangers.flatMap(({ done }) => done)).toEqual(['INGEST_OVERLOADED'])
  })

  test('one gets its share of what is worked on, others the rest', async () => {
    const { enter, refused } = openGate(400, 50)
    const first = enter(acme)
    await first.work(150)
    const second = enter(acme)
    const waiting = second.work(1)
    await refused(acme)
    const other = enter(bolt)
    await other.work(150)
    expect([second.done, other.done]).toEqual([[], ['works']])
    await first.leave()
    await waiting
    expect(second.done).toEqual(['works'])
  })

  test('one whose requests wait gets no more in, also where it turns out late whose they are', async () => {
    const { enter } = openGate(400)
    await enter(acme).work(300)
    const waits = enter(acme)
    waits.work(10)
    const late = enter('nobody')
    late.receive(1)
    late.belongTo(acme)
    expect(late.done).toEqual(['INGEST_OVERLOADED'])
    await expect(late.work(1)).resolves.toBeUndefined()
    expect(late.done).toEqual(['INGEST_OVERLOADED', 'INGEST_OVERLOADED'])
    expect(waits.done).toEqual([])
  })

  test('what waits of the one that holds the most makes room when nothing of it comes any more', async () => {
    const { enter, passes } = openGate(400, 50)
    await enter(acme).work(150)
    const stuck = [enter(acme), enter(acme)]
    for (const body of stuck) body.receive(45)
    const waiting = stuck.map((body) => body.work(100))
    const honest = enter(bolt)
    honest.receive(30)
    await waiting[1]
    expect(stuck.map(({ done }) => done)).toEqual([[], ['INGEST_OVERLOADED']])
    await honest.work(30)
    expect(honest.done).toEqual(['works'])
    await passes(bolt)
  })

  test('the one that has the least goes next, not the one that came first', async () => {
    const { enter } = openGate(400)
    const large = [enter(acme), enter(acme)]
    for (const body of large) await body.work(140)
    await enter(core).work(20)
    const order: string[] = []
    const wait = (name: string, owner: ProjectId) =>
      enter(owner)
        .work(100)
        .then(() => void order.push(name))
    const waiting = [wait('core', core), wait('acme', acme), wait('bolt', bolt)]
    await large[0]?.leave()
    await waiting[2]
    await large[1]?.leave()
    await waiting[1]
    expect(order).toEqual(['bolt', 'acme'])
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
