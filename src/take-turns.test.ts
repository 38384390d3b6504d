import { expect, test } from 'vitest'
import { createTurns, type Turns } from './take-turns.ts'

const { signal: never } = new AbortController()

/** Takes a turn and notes when it began. */
function ask(turns: Turns<string>, owner: string, begun: string[], signal = never) {
  return turns.take(owner, signal).then((end) => {
    begun.push(owner)
    return end
  })
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('an owner has one turn at a time, and the next one waits for nobody who came later', async () => {
  const turns = createTurns<string>(2)
  const begun: string[] = []
  const first = await ask(turns, 'ann', begun)
  const again = ask(turns, 'ann', begun)
  const other = await ask(turns, 'bob', begun)
  const third = ask(turns, 'cy', begun)
  await settle()
  expect(begun).toEqual(['ann', 'bob'])
  other()
  const end = await third
  expect(begun).toEqual(['ann', 'bob', 'cy'])
  end()
  await settle()
  expect(begun).toEqual(['ann', 'bob', 'cy'])
  first()
  await again
  expect(begun).toEqual(['ann', 'bob', 'cy', 'ann'])
})

test('whoever gives up while waiting is passed over', async () => {
  const turns = createTurns<string>(1)
  const begun: string[] = []
  const end = await ask(turns, 'ann', begun)
  const leaving = new AbortController()
  const left = ask(turns, 'bob', begun, leaving.signal)
  const stayed = ask(turns, 'cy', begun)
  leaving.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  await expect(ask(turns, 'di', begun, leaving.signal)).rejects.toThrow('gone')
  end()
  await stayed
  expect(begun).toEqual(['ann', 'cy'])
})
