import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitArray } from './split-array.ts'

test('each element of any array is cut out whole', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), (values, indent) => {
      const elements = splitArray(JSON.stringify(values, null, indent))
      expect(elements.map((element) => JSON.parse(element))).toEqual(JSON.parse(JSON.stringify(values)))
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['[]', []],
  [' [ ] ', []],
  ['["a\\"],[b",{"c":"\\\\"}]', ['"a\\"],[b"', '{"c":"\\\\"}']],
])('%s', (json, elements) => {
  expect(splitArray(json)).toEqual(elements)
})
