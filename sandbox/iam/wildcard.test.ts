import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesWildcard } from './wildcard.ts'

test('a pattern matches what the same regular expression matches', () => {
  const alphabet = fc.constantFrom('a', 'b', '/', '*', '?')
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 })
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 8 }), text, (pattern, candidate) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
      expect(matchesWildcard(pattern, candidate)).toBe(expression.test(candidate))
    }),
  )
})
