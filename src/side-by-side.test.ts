import { expect, test } from 'vitest'
import { sideBySide } from './side-by-side.ts'

test('both results, in their order', async () => {
  expect(await sideBySide(Promise.resolve(1), Promise.resolve('two'))).toEqual([1, 'two'])
})

test('a failure is raised once the other has settled', async () => {
  const other = Promise.withResolvers<number>()
  let isRaised = false
  const both = sideBySide(Promise.reject(new Error('first')), other.promise).catch((error: Error) => {
    isRaised = true
    return error.message
  })
  await new Promise(setImmediate)
  expect(isRaised).toBe(false)
  other.reject(new Error('second'))
  expect(await both).toBe('first')
})
