import { setImmediate as tick } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { workThrough } from './work-through.ts'

const signal = new AbortController().signal

/** Numbers from 1; tells how many were pulled and whether it was closed. */
function numbers(countMax: number) {
  const state = { pulled: 0, isClosed: false }
  async function* items() {
    try {
      while (state.pulled < countMax) yield ++state.pulled
    } finally {
      state.isClosed = true
    }
  }
  return { state, items: items() }
}

test('at most so many items are worked at once, and none is pulled while all are busy', async () => {
  const { state, items } = numbers(20)
  let running = 0
  let runningMax = 0
  await workThrough({
    items,
    atOnceMax: 3,
    signal,
    work: async () => {
      running++
      runningMax = Math.max(runningMax, running)
      await tick()
      running--
    },
  })
  expect(runningMax).toBe(3)
  expect(state).toEqual({ pulled: 20, isClosed: true })
})

test('no item is pulled before one of the busy ones is done', async () => {
  const { state, items } = numbers(5)
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const all = workThrough({ items, atOnceMax: 2, signal, work: () => released })
  for (let turn = 0; turn < 5; turn++) await tick()
  expect(state.pulled).toBe(2)
  release()
  await all
  expect(state.pulled).toBe(5)
})

test('the first failure aborts the others, waits for them, closes the iterator and is what is raised', async () => {
  const { state, items } = numbers(100)
  const ended: number[] = []
  const work = async (item: number, whileNoneFailed: AbortSignal) => {
    if (item === 2) throw new Error('second')
    if (!whileNoneFailed.aborted)
      await new Promise((resolve) => whileNoneFailed.addEventListener('abort', resolve))
    await tick()
    ended.push(item)
    throw new Error('broken off')
  }
  await expect(workThrough({ items, atOnceMax: 2, signal, work })).rejects.toThrow('second')
  expect(ended).toEqual([1])
  expect(state).toEqual({ pulled: 2, isClosed: true })
})

test('a failure of the iterator aborts what is being worked, and is raised', async () => {
  async function* items() {
    yield 1
    throw new Error('no more')
  }
  let isAborted = false
  const work = (_: number, whileNoneFailed: AbortSignal) =>
    new Promise<void>((resolve) =>
      whileNoneFailed.addEventListener('abort', () => {
        isAborted = true
        resolve()
      }),
    )
  await expect(workThrough({ items: items(), atOnceMax: 2, signal, work })).rejects.toThrow('no more')
  expect(isAborted).toBe(true)
})

test('an abort from outside is raised with its reason', async () => {
  const { state, items } = numbers(100)
  const outer = new AbortController()
  const work = async (item: number) => {
    if (item === 3) outer.abort(new Error('shutting down'))
  }
  await expect(workThrough({ items, atOnceMax: 1, signal: outer.signal, work })).rejects.toThrow(
    'shutting down',
  )
  expect(state).toEqual({ pulled: 3, isClosed: true })
})
