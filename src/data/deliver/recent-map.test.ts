import { expect, test } from 'vitest'
import { createRecentMap } from './recent-map.ts'

test('the entry that was not used for longest falls out first', () => {
  const map = createRecentMap<string>(2)
  let made = 0
  const get = (key: string) => map.getOrCreate(key, () => `${key}${++made}`)
  expect([get('a'), get('b'), get('a'), get('c'), get('a'), get('b')]).toEqual([
    'a1',
    'b2',
    'a1',
    'c3',
    'a1',
    'b4',
  ])
  expect([...map.values()]).toEqual(['a1', 'b4'])
})
