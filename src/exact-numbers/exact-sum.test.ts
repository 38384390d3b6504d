import { expect, test } from 'vitest'
import { exactNumberOf, exactSum } from './exact-sum.ts'

const numberOf = (json: string) => exactNumberOf(json)

test.each([
  ['1', '2', '3'],
  ['0.5', '0.25', '0.75'],
  ['9007199254740993', '1', '9007199254740994'],
  ['9007199254740992', '1', '9007199254740993'],
  ['12345678901234567890', '-12345678901234567889', '1'],
  ['100000000000000000000', '1', '100000000000000000001'],
  ['-9007199254740993', '-1', '-9007199254740994'],
  ['5', '-5', '0'],
  [`1${'0'.repeat(390)}`, '1', `1${'0'.repeat(389)}1`],
  ['1e21', '1', '1e+21'],
])('%s and %s are %s', (left, right, sum) => {
  expect(JSON.stringify(exactSum(numberOf(left), numberOf(right)))).toBe(sum)
})

test('there is no sum beyond every number', () => {
  expect(exactSum(1e308, 1e308)).toBeUndefined()
  expect(exactSum(JSON.rawJSON('1e400'), 1)).toBeUndefined()
})
