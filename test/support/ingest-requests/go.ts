/** What the SDK for Go sends: JSON for events and profiles, forms for identities; `#…` in its addresses is never sent. */
import {
  account,
  asStored,
  basic,
  form,
  formType,
  gzip,
  gzipped,
  type IngestRequest,
  imported,
  importFailure,
  importRefused,
  json,
  nowMs,
  one,
  secret,
  token,
  verboseOne,
  verboseZero,
} from './ingest-request.ts'

const source = (what: string) => `mixpanel-go 2.0.0-beta.2, ${what}`
const text = { ...json, accept: 'text/plain' }
const properties = { token, distinct_id: 'ann', mp_lib: 'go', $lib_version: 'v2.0.0-beta.2' }
const event = { event: 'test_event', properties: { ...properties, time: nowMs - 10_500, ip: '203.0.113.7' } }
const old = {
  event: 'test_event',
  properties: { ...properties, time: 1_500_000_000_000, $insert_id: 'b1f0ad2b-62d1-4ef0-bc9c-2b9a9d1a4d0c' },
}
const body = JSON.stringify([old])
const query = 'strict=1&verbose=1'

const people = (operation: string, value: unknown, update: object, more: object = {}): IngestRequest => ({
  name: `people, ${operation}`,
  source: source('ingestion.go, doPeopleRequest'),
  path: '/engage',
  headers: text,
  body: JSON.stringify([{ $token: token, $distinct_id: 'ann', [operation]: value, ...more }]),
  answer: one,
  updates: [{ id: 'ann', seenMs: nowMs, ...update }],
})
const group = (operation: string, value: unknown, update: object): IngestRequest => ({
  name: `group, ${operation}`,
  source: source('ingestion.go, doPeopleRequest'),
  path: '/groups',
  headers: text,
  body: JSON.stringify([{ $token: token, $group_key: 'company', $group_id: 'acme', [operation]: value }]),
  answer: one,
  updates: [{ groupKey: 'company', id: 'acme', ...update }],
})

export const goRequests: IngestRequest[] = [
  {
    name: 'track',
    source: source('ingestion.go, Track'),
    path: '/track?verbose=1',
    headers: text,
    body: JSON.stringify([event]),
    answer: verboseOne,
    events: [asStored(event)],
  },
  {
    name: 'an event without a time',
    source: source('mixpanel.go, NewEvent'),
    path: '/track?verbose=1',
    headers: text,
    body: JSON.stringify([{ event: 'test_event', properties }]),
    answer: verboseOne,
    events: [asStored({ event: 'test_event', properties })],
  },
  {
    name: 'an event that is refused',
    source: source('http.go, parseVerboseApiError'),
    path: '/track?verbose=1',
    headers: text,
    body: JSON.stringify([old]),
    answer: verboseZero(/within the last 5 days/),
  },
  {
    name: 'import with the API secret, packed',
    source: source('ingestion.go, Import'),
    path: `/import?${query}`,
    headers: { ...json, accept: 'application/json', ...gzipped, ...basic(secret) },
    body: gzip(body),
    answer: imported(1),
    events: [asStored(old)],
  },
  {
    name: 'import with the token',
    source: source('http.go, importAuthOptions'),
    path: `/import?${query}`,
    headers: { ...json, ...basic(token) },
    body,
    answer: imported(1),
    events: 1,
  },
  {
    name: 'import with a service account',
    source: source('http.go, importAuthOptions'),
    path: `/import?project_id=17&${query}`,
    headers: { ...json, ...basic(account.username, account.secret) },
    body,
    answer: imported(1),
    events: 1,
  },
  {
    name: 'import that is refused in part',
    source: source('ingestion.go, ImportFailedValidationError'),
    path: `/import?${query}`,
    headers: { ...json, ...basic(token) },
    body: JSON.stringify([{ event: 'test_event', properties: { ...properties, $insert_id: 'a-1' } }, old]),
    answer: importRefused(1, 0, 'a-1', 'properties.time', /seconds or milliseconds/),
    events: 1,
  },
  {
    name: 'import with credentials that are wrong',
    source: source('ingestion.go, ImportGenericError'),
    path: `/import?${query}`,
    headers: { ...json, ...basic('f'.repeat(32)) },
    body,
    answer: importFailure(401, /Invalid credentials/, 'Unauthorized'),
  },
  {
    name: 'alias',
    source: source('identity.go, Alias'),
    path: '/track',
    headers: { ...formType, accept: 'text/plain' },
    body: form({
      data: JSON.stringify({ event: '$create_alias', properties: { distinct_id: 'ann', alias: 'a', token } }),
    }),
    answer: one,
    events: [{ event: '$create_alias', properties: { distinct_id: 'ann', alias: 'a' } }],
  },
  {
    name: 'merge: a form, with neither token, time nor ids',
    source: source('identity.go, Merge'),
    path: '/import',
    headers: { ...formType, accept: 'text/plain', ...basic(secret) },
    body: form({ data: '{"event":"$merge","properties":{"$distinct_ids":["ann","bob"]}}' }),
    answer: one,
    events: [{ event: '$merge', properties: { $distinct_ids: ['ann', 'bob'] } }],
  },
  people('$set', { plan: 'team' }, { set: { plan: 'team' } }, { $ip: '0' }),
  people('$set', { $ip: '203.0.113.7', plan: 'team' }, { set: { plan: 'team' } }, { $ip: '203.0.113.7' }),
  people('$set_once', { first: 1 }, { setOnce: { first: 1 } }, { $ip: '0' }),
  people('$add', { visits: 2 }, { add: { visits: 2 } }),
  people('$union', { items: ['a'] }, { union: { items: ['a'] } }),
  people('$append', { items: 'a' }, { append: { items: 'a' } }),
  people('$remove', { items: 'a' }, { remove: { items: 'a' } }),
  people('$unset', ['items'], { unset: ['items'] }),
  people('$delete', 'null', { isDelete: true }, { $ignore_alias: 'true' }),
  group('$set', { seats: 5 }, { set: { seats: 5 } }),
  group('$set_once', { since: 2020 }, { setOnce: { since: 2020 } }),
  group('$unset', ['seats'], { unset: ['seats'] }),
  group('$remove', { products: 'anvil' }, { remove: { products: 'anvil' } }),
  group('$union', { products: ['anvil'] }, { union: { products: ['anvil'] } }),
  group('$delete', 'null', { isDelete: true }),
]
