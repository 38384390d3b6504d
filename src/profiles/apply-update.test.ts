import { expect, test } from 'vitest'
import { applyUpdate, type Properties } from './apply-update.ts'
import { checkUpdate } from './check-update.ts'

const nowMs = Date.parse('2024-03-01T12:00:00.500Z')
const userRules = { kind: 'user', nowMs, findPlace: undefined } as const

/** The properties after records that begin with a token and a name, without when the user was seen. */
function after(before: Properties | undefined, ...records: object[]): Properties | undefined {
  let properties = before
  for (const record of records) {
    const checked = checkUpdate({ $token: 't', $distinct_id: 'ann', ...record }, userRules)
    if ('message' in checked) throw new Error(checked.message)
    properties = applyUpdate(properties, { ...checked.update, seenMs: null })
  }
  return properties === undefined ? undefined : { ...properties }
}

test.each<[string, Properties | undefined, object, Properties | undefined]>([
  ['$set makes a profile', undefined, { $set: { plan: 'team' } }, { plan: 'team' }],
  ['$set overwrites and leaves the others', { a: 1, b: 2 }, { $set: { a: [3] } }, { a: [3], b: 2 }],
  ['$set_once does not overwrite', { a: 1 }, { $set_once: { a: 2, b: 3 } }, { a: 1, b: 3 }],
  ['$add counts from 0', {}, { $add: { visits: 2 } }, { visits: 2 }],
  ['$add takes away', { visits: 5 }, { $add: { visits: -2 } }, { visits: 3 }],
  ['$add takes numbers as texts', { visits: 1 }, { $add: { visits: '2' } }, { visits: 3 }],
  ['$add beyond every number changes nothing', { n: 1e308 }, { $add: { n: 1e308 } }, { n: 1e308 }],
  ['$add leaves a text alone', { visits: 'many' }, { $add: { visits: 1 } }, { visits: 'many' }],
  ['$append makes a list', {}, { $append: { pages: 'home' } }, { pages: ['home'] }],
  ['$append keeps repeats', { pages: ['home'] }, { $append: { pages: 'home' } }, { pages: ['home', 'home'] }],
  ['$append takes a list as one element', { pages: [] }, { $append: { pages: ['a'] } }, { pages: [['a']] }],
  ['$append leaves a number alone', { pages: 1 }, { $append: { pages: 'home' } }, { pages: 1 }],
  [
    '$union adds what is missing',
    { tags: ['a'] },
    { $union: { tags: ['a', 'b', 'b'] } },
    { tags: ['a', 'b'] },
  ],
  ['$union takes one value', {}, { $union: { tags: 'a' } }, { tags: ['a'] }],
  ['$union compares by value', { tags: [{ a: 1 }] }, { $union: { tags: [{ a: 1 }] } }, { tags: [{ a: 1 }] }],
  [
    '$remove takes every such element',
    { tags: ['a', 'b', 'a'] },
    { $remove: { tags: 'a' } },
    { tags: ['b'] },
  ],
  [
    '$merge replaces the keys that it has',
    { settings: { theme: 'light', size: 2 } },
    { $merge: { settings: { theme: 'dark' } } },
    { settings: { theme: 'dark', size: 2 } },
  ],
  [
    '$merge makes an object',
    {},
    { $merge: { settings: { theme: 'dark' } } },
    { settings: { theme: 'dark' } },
  ],
  [
    '$merge into a text changes nothing',
    { settings: 'x' },
    { $merge: { settings: { a: 1 } } },
    { settings: 'x' },
  ],
  ['$remove from nothing makes nothing', {}, { $remove: { tags: 'a' } }, {}],
  ['$unset by names', { a: 1, b: 2, c: 3 }, { $unset: ['a', 'c', 'd'] }, { b: 2 }],
  ['$unset by one name', { a: 1 }, { $unset: 'a' }, {}],
  ['$delete removes the profile', { a: 1 }, { $delete: '' }, undefined],
  [
    'several operations in one record',
    { n: 1 },
    { $set: { a: 1 }, $add: { n: 1 }, $unset: ['x'] },
    { a: 1, n: 2 },
  ],
  ['an address is not kept', {}, { $set: { $ip: '1.2.3.4', ip: '1.2.3.4', a: 1 } }, { a: 1 }],
])('%s', (_what, before, record, expected) => {
  expect(after(before, record)).toEqual(expected)
})

test('a deleted profile starts anew', () => {
  expect(after({ a: 1 }, { $delete: true }, { $set_once: { a: 2 } })).toEqual({ a: 2 })
})

test('a property may have any name', () => {
  const record = JSON.parse('{"$set": {"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}}')
  const properties = after(undefined, record)
  expect(JSON.stringify(properties)).toBe('{"__proto__":{"polluted":true},"constructor":1,"toString":2}')
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test.each<[object, string | undefined]>([
  [{}, '2024-03-01T12:00:00'],
  [{ $time: 1_700_000_000 }, '2023-11-14T22:13:20'],
  [{ $time: 1_700_000_000_000 }, '2023-11-14T22:13:20'],
  [{ $time: 9_900_000_000 }, '2024-03-01T12:00:00'],
  [{ $ignore_time: true }, undefined],
  [{ $time: 0 }, undefined],
])('when the user was seen, of %j', (changes, expected) => {
  const record = { $token: 't', $distinct_id: 'ann', $set: {}, ...changes }
  const checked = checkUpdate(record, userRules)
  if ('message' in checked) throw new Error(checked.message)
  expect(applyUpdate(undefined, checked.update)?.$last_seen).toBe(expected)
})

test.each<[unknown, string]>([
  ['text', 'record'],
  [null, 'record'],
  [{ $distinct_id: 'a', $set: {} }, '$token'],
  [{ $token: 't', $set: {} }, '$distinct_id'],
  [{ $token: 't', $distinct_id: 'a\0', $set: {} }, '$distinct_id'],
  [{ $token: 't', $distinct_id: 'a'.repeat(256), $set: {} }, '$distinct_id'],
  [{ $token: 't', $distinct_id: {}, $set: {} }, '$distinct_id'],
  [{ $token: 't', $distinct_id: 'a' }, 'record'],
  [{ $token: 't', $distinct_id: 'a', $set: [] }, '$set'],
  [{ $token: 't', $distinct_id: 'a', $add: { n: 'many' } }, '$add'],
  [{ $token: 't', $distinct_id: 'a', $unset: { a: 1 } }, '$unset'],
])('%j is refused for its %s', (record, field) => {
  expect(checkUpdate(record, userRules)).toMatchObject({ field, message: expect.stringMatching(/must/) })
})

test('a group is named by its key and id, which may be a number', () => {
  const record = { $token: 't', $group_key: 'company', $group_id: 7, $set: { a: 1 } }
  expect(checkUpdate(record, { ...userRules, kind: 'group' })).toMatchObject({
    update: { groupKey: 'company', id: '7', seenMs: null },
  })
  expect(checkUpdate({ ...record, $group_key: '' }, { ...userRules, kind: 'group' })).toMatchObject({
    field: '$group_key',
  })
  expect(checkUpdate({ ...record, $group_id: [] }, { ...userRules, kind: 'group' })).toMatchObject({
    field: '$group_id',
  })
})
