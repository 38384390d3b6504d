/** What the SDKs for Swift and Objective-C send: JSON arrays, `ip` in the query, answers read as a number. */
import {
  asStored,
  basic,
  form,
  gzip,
  gzipped,
  type IngestRequest,
  json,
  nowMs,
  one,
  token,
  zero,
} from './ingest-request.ts'

const swift = (file: string) => `mixpanel-swift 6.5.1, Sources/${file}`
const objc = (file: string) => `mixpanel-iphone 5.0.9, Sources/${file}`

const metadata = { $mp_session_id: 'f00', $mp_session_seq_id: 0, $mp_session_start_sec: 1_772_625_000 }
const properties = {
  mp_lib: 'swift',
  $lib_version: '6.5.1',
  $os: 'iOS',
  $os_version: '19.1',
  $model: 'iPhone18,2',
  $screen_height: 932,
  $wifi: true,
  $radio: 'None',
  token,
  time: nowMs - 61_001,
  distinct_id: '$device:2B0E5F2C-8A8C-4C0B-8F9C-0A1B2C3D4E5F',
  $device_id: '2B0E5F2C-8A8C-4C0B-8F9C-0A1B2C3D4E5F',
  $had_persisted_distinct_id: false,
}
const opened = {
  event: '$ae_session',
  properties: { ...properties, $ae_session_length: 12.5, nothing: null, link: 'https://a.example/?q=1&r=2' },
}
/** Session metadata stands beside `event` and `properties`, and is kept there. */
const sent = { ...opened, $mp_metadata: { $mp_event_id: 'a1b2', ...metadata } }
const identify = {
  event: '$identify',
  properties: {
    ...properties,
    $anon_distinct_id: properties.distinct_id,
    distinct_id: 'ann',
    $user_id: 'ann',
  },
}
const alias = { event: '$create_alias', properties: { ...properties, alias: 'ann@example.com' } }

const post = (path: string, records: unknown[]) => ({
  path,
  headers: json,
  body: JSON.stringify(records),
  answer: one,
})
const person = {
  $token: token,
  $time: nowMs - 5000,
  $device_id: properties.$device_id,
  $user_id: 'ann',
  $distinct_id: 'ann',
  $mp_metadata: metadata,
}
const people = (operation: string, value: unknown, update: object, more: object = {}): IngestRequest => ({
  name: `people, ${operation}`,
  source: swift('People.swift, addPeopleRecordToQueueWithAction'),
  ...post('/engage/?ip=1', [{ ...person, [operation]: value, ...more }]),
  updates: [{ id: 'ann', groupKey: '', ...update }],
})
const company = { $token: token, $time: nowMs, $group_key: 'company', $mp_metadata: metadata }

const swiftRequests: IngestRequest[] = [
  {
    name: 'a batch of events',
    source: swift('FlushRequest.swift, sendRequest'),
    ...post('/track/?ip=1', [sent, identify, alias]),
    events: [
      { ...asStored(opened), $mp_metadata: sent.$mp_metadata } as never,
      asStored(identify),
      asStored(alias),
    ],
  },
  {
    name: 'a packed batch',
    source: swift('FlushRequest.swift, sendRequest with useGzipCompression'),
    ...post('/track/?ip=0', []),
    headers: { ...json, ...gzipped },
    body: gzip(JSON.stringify([sent, sent])),
    events: 2,
  },
  {
    name: 'a batch with an event that is refused: the app drops the batch, the others are stored',
    source: swift('FlushRequest.swift, handleFlushSuccess'),
    ...post('/track/?ip=1', [sent, { event: '', properties }]),
    answer: zero,
    events: 1,
  },
  people(
    '$set',
    { $ios_device_model: 'iPhone18,2', plan: 'team' },
    { set: { $ios_device_model: 'iPhone18,2', plan: 'team' } },
  ),
  people('$set', { plan: 'team' }, { set: { plan: 'team' }, seenMs: null }, { $ignore_time: 1 }),
  people('$set_once', { first: 1 }, { setOnce: { first: 1 }, seenMs: nowMs - 5000 }),
  people('$add', { visits: 1 }, { add: { visits: 1 } }),
  people('$append', { items: { a: 1 } }, { append: { items: { a: 1 } } }),
  people('$unset', ['items'], { unset: ['items'] }),
  people('$union', { items: ['a'] }, { union: { items: ['a'] } }),
  people('$remove', { items: 'a' }, { remove: { items: 'a' } }),
  people('$merge', { settings: { theme: 'dark' } }, { merge: { settings: { theme: 'dark' } } }),
  people('$delete', {}, { isDelete: true }),
  {
    name: 'groups, whose ids may be numbers',
    source: swift('Group.swift, addGroupRecordToQueueWithAction'),
    ...post('/groups/?ip=1', [
      { ...company, $group_id: 'acme', $set: { seats: 5 } },
      { ...company, $group_id: 42, $unset: ['seats'] },
    ]),
    updates: [
      { groupKey: 'company', id: 'acme', set: { seats: 5 } },
      { groupKey: 'company', id: '42', unset: ['seats'] },
    ],
  },
  {
    name: 'flags',
    source: swift('FeatureFlags.swift, _performFetchRequest'),
    method: 'GET',
    path: `/flags/?${form({ context: '{"distinct_id":"ann"}', token, mp_lib: 'swift', $lib_version: '6.5.1' })}`,
    headers: basic(token),
    answer: { status: 200, type: 'application/json', body: '{"flags":{}}' },
  },
  {
    name: 'a first event of a flag',
    source: swift('FeatureFlags.swift, recordFirstTimeEvent'),
    path: '/flags/flag-1/first-time-events?mp_lib=swift&%24lib_version=6.5.1',
    headers: { ...json, ...basic(token) },
    body: '{"distinct_id":"ann","project_id":17,"first_time_event_hash":"00ff"}',
    answer: { status: 200, type: 'application/json', body: '{"code":200,"status":"OK"}' },
  },
]

const objcEvent = {
  event: 'mp_event',
  properties: { ...properties, mp_lib: 'iphone', time: 1_772_625_500_250 },
}

const objcRequests: IngestRequest[] = [
  {
    name: 'a batch of events',
    source: objc('MPNetwork.m, flushQueue'),
    ...post('/track/?ip=1', [objcEvent]),
    events: [asStored(objcEvent)],
  },
  {
    name: 'a batch of people',
    source: objc('MPNetwork.m, flushPeopleQueue'),
    ...post('/engage/?ip=0', [
      { ...person, $set: { a: 1 } },
      { ...person, $add: { b: 1 } },
    ]),
    updates: 2,
  },
  {
    name: 'a batch of groups',
    source: objc('MPNetwork.m, flushGroupsQueue'),
    ...post('/groups/?ip=1', [{ ...company, $group_id: 'acme', $union: { products: ['anvil'] } }]),
    updates: [{ union: { products: ['anvil'] } }],
  },
]

export const appleRequests: IngestRequest[] = [
  ...swiftRequests.map((request) => ({ ...request, name: `Swift: ${request.name}` })),
  ...objcRequests.map((request) => ({ ...request, name: `Objective-C: ${request.name}` })),
]
