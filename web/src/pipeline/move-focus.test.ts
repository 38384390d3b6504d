import { expect, test } from 'vitest'
import { movedBy } from './move-focus.ts'

test.each([
  ['ArrowRight', '2024-02-28', '2024-02-29'],
  ['ArrowLeft', '2024-03-01', '2024-02-29'],
  ['ArrowDown', '2024-02-28', '2024-03-06'],
  ['ArrowUp', '2024-01-03', '2023-12-27'],
  ['PageDown', '2024-01-31', '2024-02-01'],
  ['PageUp', '2024-01-31', '2023-12-01'],
])('%s leads from the day %s to %s', (key, from, to) => {
  expect(movedBy(key, { date: from })).toBe(to)
})

test.each([
  ['ArrowRight', '23', '2024-03-01T00'],
  ['ArrowLeft', '00', '2024-02-28T23'],
  ['ArrowDown', '07', '2024-03-01T07'],
])('%s leads across hours and days', (key, hour, to) => {
  expect(movedBy(key, { date: '2024-02-29', hour })).toBe(to)
})

test('other keys mean nothing here', () => {
  expect(movedBy('a', { date: '2024-02-29' })).toBeUndefined()
})
