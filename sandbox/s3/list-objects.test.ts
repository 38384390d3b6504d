import { describe, expect, test } from 'vitest'
import { list } from './list-objects.ts'

const keys = ['a/1', 'a/2', 'b', 'c/x/1', 'c/x/2', 'c/y/1', 'd']
const everything = { prefix: '', delimiter: '', keyCountMax: 1000, after: null }

function allPages(query: Partial<typeof everything> & { keyCountMax: number }) {
  const pages: string[][] = []
  let after: string | null = null
  do {
    const page = list(keys, { ...everything, ...query, after })
    pages.push([...page.keys, ...page.commonPrefixes])
    after = page.lastSeen
  } while (after !== null)
  return pages
}

describe('a listing', () => {
  test('has every key, in order', () => {
    expect(list(keys, everything)).toEqual({ keys, commonPrefixes: [], lastSeen: null })
  })

  test('groups keys by the delimiter after the prefix', () => {
    expect(list(keys, { ...everything, delimiter: '/' })).toEqual({
      keys: ['b', 'd'],
      commonPrefixes: ['a/', 'c/'],
      lastSeen: null,
    })
    expect(list(keys, { ...everything, prefix: 'c/', delimiter: '/' })).toMatchObject({
      keys: [],
      commonPrefixes: ['c/x/', 'c/y/'],
    })
  })

  test('in pages has each key and each group once', () => {
    expect(allPages({ keyCountMax: 3 })).toEqual([['a/1', 'a/2', 'b'], ['c/x/1', 'c/x/2', 'c/y/1'], ['d']])
    expect(allPages({ keyCountMax: 1, delimiter: '/' })).toEqual([['a/'], ['b'], ['c/'], ['d']])
  })

  test('starts after the key that is given, there or not', () => {
    expect(list(keys, { ...everything, after: 'b' }).keys[0]).toBe('c/x/1')
    expect(list(keys, { ...everything, after: 'bb' }).keys[0]).toBe('c/x/1')
  })

  test('of no keys at all is empty and not cut off', () => {
    expect(list(keys, { ...everything, keyCountMax: 0 })).toEqual({
      keys: [],
      commonPrefixes: [],
      lastSeen: null,
    })
  })
})
