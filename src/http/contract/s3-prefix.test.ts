import { expect, test } from 'vitest'
import { normalizePrefix, prefixProblem } from './s3-prefix.ts'

const problem = (prefix: string) => prefixProblem(normalizePrefix(prefix))

test.each([
  'test',
  'test/',
  'a/b/c',
  'a b',
  'ünïcode/日本',
  '...',
  'a..b',
  '.hidden',
  'p'.repeat(800),
  '%2e%2e',
])('%j is a prefix', (prefix) => {
  expect(problem(prefix)).toBeUndefined()
})

test.each([
  '/',
  '/a',
  'a//b',
  'a//',
  '..',
  '../a',
  'a/..',
  'a/./b',
  'a\nb',
  'a\u007fb',
  'a\u0085b',
  'é'.repeat(401),
])('%j is no prefix', (prefix) => {
  expect(problem(prefix)).toBeDefined()
})

test('a slash at the end makes no other folder', () => {
  expect(normalizePrefix('a/b/')).toBe(normalizePrefix('a/b'))
})
