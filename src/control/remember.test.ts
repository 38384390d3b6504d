import { expect, test } from 'vitest'
import { remember } from './remember.ts'

function setUp() {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms }
  const asked: string[] = []
  const state = { answer: 'old', fails: false }
  const lookUp = remember(clock, async (key) => {
    asked.push(key)
    if (state.fails) throw new Error('away')
    return state.answer
  })
  return { clock, asked, state, lookUp }
}

test('what has changed counts after two seconds, and until then nobody is asked again', async () => {
  const { clock, asked, state, lookUp } = setUp()
  expect(await lookUp('secret')).toBe('old')
  state.answer = 'new'
  clock.ms += 1999
  expect(await lookUp('secret')).toBe('old')
  clock.ms += 1
  expect(await lookUp('secret')).toBe('new')
  expect(asked).toHaveLength(2)
})

test('a clock that is set back makes no answer last longer', async () => {
  const { clock, state, lookUp } = setUp()
  await lookUp('secret')
  state.answer = 'new'
  clock.ms -= 3_600_000
  expect(await lookUp('secret')).toBe('new')
})

test('a look-up that failed is made again', async () => {
  const { state, lookUp } = setUp()
  state.fails = true
  await expect(lookUp('secret')).rejects.toThrow('away')
  state.fails = false
  expect(await lookUp('secret')).toBe('old')
})

test('a flood of unknown keys takes a bounded room', async () => {
  const { asked, lookUp } = setUp()
  for (let key = 0; key <= 10_000; key++) await lookUp(`guess ${key}`)
  asked.length = 0
  await lookUp('guess 10000')
  expect(asked).toEqual([])
  await lookUp('guess 0')
  expect(asked).toEqual(['guess 0'])
})
