import { setImmediate as tick } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createFirstAlone } from './first-alone.ts'

test('nothing starts before the first has succeeded; then all start at once', async () => {
  const inTurn = createFirstAlone()
  const started: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const task = (n: number, until: Promise<void>) => async () => {
    started.push(n)
    await until
    return n
  }
  const never = new Promise<void>(() => {})
  const first = inTurn(task(1, promise))
  void inTurn(task(2, never))
  void inTurn(task(3, never))
  await tick()
  expect(started).toEqual([1])
  resolve()
  expect(await first).toBe(1)
  await tick()
  expect(started).toEqual([1, 2, 3])
})

test('where the first fails, the next is alone in its turn', async () => {
  const inTurn = createFirstAlone()
  let running = 0
  const failing = async () => {
    expect(++running).toBe(1)
    await tick()
    running--
    throw new Error('no')
  }
  const all = await Promise.allSettled([inTurn(failing), inTurn(failing), inTurn(failing)])
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})
