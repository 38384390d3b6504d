/** What the SDK for Python sends: forms by `requests`, the data as JSON text, `verbose` and `ip` in the form. */
import {
  account,
  asStored,
  basic,
  form,
  formType,
  type IngestRequest,
  nowSeconds,
  secret,
  token,
  verboseOne,
  verboseZero,
} from './ingest-request.ts'

const source = (what: string) => `mixpanel-python 5.3.0, mixpanel/__init__.py, ${what}`
const post = (path: string, message: unknown, more: Record<string, string> = {}) => ({
  path,
  headers: formType,
  body: form({ data: JSON.stringify(message), verbose: '1', ip: '0', ...more }),
  answer: verboseOne,
})

const stamps = {
  token,
  distinct_id: 'ann',
  time: nowSeconds - 90.123456,
  $insert_id: '0123456789abcdef0123456789abcdef',
  mp_lib: 'python',
  $lib_version: '5.3.0',
}
const tracked = { event: 'Signed up', properties: { ...stamps, plan: 'team', seats: 3, Grüße: '☃ & = + %' } }
const old = { event: 'Signed up', properties: { ...stamps, time: 1_618_716_477 } }
const alias = { event: '$create_alias', properties: { distinct_id: 'ann', alias: 'ann@example.com', token } }
const merge = { event: '$merge', properties: { $distinct_ids: ['ann', 'bob'], token } }

const person = { $token: token, $time: nowSeconds - 1.5, $distinct_id: 'ann' }
const people = (operation: string, value: unknown, update: object): IngestRequest => ({
  name: `people, ${operation}`,
  source: source('Mixpanel.people_update'),
  ...post('/engage', { ...person, [operation]: value }),
  updates: [{ id: 'ann', groupKey: '', seenMs: (nowSeconds - 1.5) * 1000, ...update }],
})
const group = (operation: string, value: unknown, update: object): IngestRequest => ({
  name: `group, ${operation}`,
  source: source('Mixpanel.group_update'),
  ...post('/groups', {
    $token: token,
    $time: nowSeconds - 1.5,
    $group_key: 'company',
    $group_id: 'Acme Inc.',
    [operation]: value,
  }),
  updates: [{ id: 'Acme Inc.', groupKey: 'company', seenMs: null, ...update }],
})

export const pythonRequests: IngestRequest[] = [
  {
    name: 'track',
    source: source('Mixpanel.track'),
    ...post('/track', tracked),
    events: [asStored(tracked)],
  },
  {
    name: 'a buffer of events',
    source: source('BufferedConsumer._flush_endpoint'),
    ...post('/track', [tracked, old, tracked]),
    answer: verboseZero(/event 1: .*within the last 5 days.*1 of 3 refused/),
    events: 2,
  },
  {
    name: 'an event that is refused',
    source: source('Consumer._write_request'),
    ...post('/track', { event: 'x', properties: { ...stamps, distinct_id: 'undefined' } }),
    answer: verboseZero(/'properties.distinct_id' is invalid/),
  },
  { name: 'alias', source: source('Mixpanel.alias'), ...post('/track', alias), events: [alias] },
  {
    name: 'import with the API secret, and the older key in the form',
    source: source('Mixpanel.import_data'),
    ...post('/import', old, { api_key: 'an-api-key' }),
    headers: { ...formType, ...basic(secret) },
    events: [asStored(old)],
  },
  {
    name: 'import with a service account',
    source: source('Consumer._write_request'),
    ...post('/import?project_id=17', old),
    headers: { ...formType, ...basic(account.username, account.secret) },
    events: [asStored(old)],
  },
  {
    name: 'a buffer of imports',
    source: source('BufferedConsumer._flush_endpoint'),
    ...post('/import', [old, tracked]),
    headers: { ...formType, ...basic(secret) },
    events: 2,
  },
  {
    name: 'merge with the API secret: an event without time and ids',
    source: source('Mixpanel.merge'),
    ...post('/import', merge),
    headers: { ...formType, ...basic(secret) },
    events: [merge],
  },
  {
    name: 'merge with a service account',
    source: source('Mixpanel.merge'),
    ...post('/import?project_id=17', merge),
    headers: { ...formType, ...basic(account.username, account.secret) },
    events: [merge],
  },
  people('$set', { $name: 'Ann', age: 41 }, { set: { $name: 'Ann', age: 41 } }),
  people('$set_once', { first: '2026-03-01T00:00:00' }, { setOnce: { first: '2026-03-01T00:00:00' } }),
  people('$add', { visits: 1, debt: -2.5 }, { add: { visits: 1, debt: -2.5 } }),
  people('$append', { items: 'Super Arm' }, { append: { items: 'Super Arm' } }),
  people('$union', { items: ['a', 'b'] }, { union: { items: ['a', 'b'] } }),
  people('$unset', ['items'], { unset: ['items'] }),
  people('$remove', { items: 'a' }, { remove: { items: 'a' } }),
  people('$delete', '', { isDelete: true }),
  people(
    '$append',
    { $transactions: { $amount: 9.99, $time: '2026-03-04T11:00:00' } },
    { append: { $transactions: { $amount: 9.99, $time: '2026-03-04T11:00:00' } } },
  ),
  people('$unset', ['$transactions'], { unset: ['$transactions'] }),
  group('$set', { seats: 5 }, { set: { seats: 5 } }),
  group('$set_once', { since: 2020 }, { setOnce: { since: 2020 } }),
  group('$union', { products: ['anvil'] }, { union: { products: ['anvil'] } }),
  group('$unset', ['products'], { unset: ['products'] }),
  group('$remove', { products: 'anvil' }, { remove: { products: 'anvil' } }),
  group('$delete', '', { isDelete: true }),
  {
    name: 'remote flags',
    source: 'mixpanel-python 5.3.0, mixpanel/flags/remote_feature_flags.py',
    method: 'GET',
    path: `/flags?${form({ mp_lib: 'python', $lib_version: '5.3.0', token, context: '{"distinct_id":"ann"}' })}`,
    headers: basic(token),
    answer: { status: 200, type: 'application/json', body: '{"flags":{}}' },
  },
  {
    name: 'definitions of flags',
    source: 'mixpanel-python 5.3.0, mixpanel/flags/local_feature_flags.py',
    method: 'GET',
    path: `/flags/definitions?${form({ mp_lib: 'python', $lib_version: '5.3.0', token })}`,
    headers: basic(token),
    answer: { status: 200, type: 'application/json', body: '{"flags":[]}' },
  },
]
