/** /engage and /groups as the reference describes them. */
import {
  base64,
  form,
  formType,
  gzip,
  gzipped,
  type IngestRequest,
  json,
  nowMs,
  nowSeconds,
  one,
  script,
  token,
  trackFailure,
  verboseOne,
  verboseZero,
  zero,
} from './ingest-request.ts'

const source = (what: string) => `reference, User Profiles: ${what}`
const groups = (what: string) => `reference, Group Profiles: ${what}`
const user = { $token: token, $distinct_id: '13793' }
const group = { $token: token, $group_key: 'Company', $group_id: 'Mixpanel' }
const post = (body: unknown, path = '/engage') => ({
  path,
  headers: json,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const set = { ...user, $set: { Address: '1313 Mockingbird Lane' } }
const setUpdate = [{ id: '13793', groupKey: '', set: { Address: '1313 Mockingbird Lane' } }]

type Operation = [name: string, operation: object, update: object]

const userOperations: Operation[] = [
  [
    'profile-set',
    { $set: { Address: '1313 Mockingbird Lane', Birthday: '1948-01-01' } },
    { set: { Address: '1313 Mockingbird Lane', Birthday: '1948-01-01' } },
  ],
  [
    'profile-set-property-once',
    { $set_once: { 'First login date': '2013-04-01T13:20:00' } },
    { setOnce: { 'First login date': '2013-04-01T13:20:00' } },
  ],
  ['profile-numerical-add', { $add: { 'Coins Gathered': 12 } }, { add: { 'Coins Gathered': 12 } }],
  ['profile-numerical-add, a number as text', { $add: { coins: '-1.5' } }, { add: { coins: -1.5 } }],
  [
    'profile-append-to-list-property',
    { $append: { 'Power Ups': 'Bubble Lead' } },
    { append: { 'Power Ups': 'Bubble Lead' } },
  ],
  [
    'profile-remove-from-list-property',
    { $remove: { 'Items purchased': 'socks' } },
    { remove: { 'Items purchased': 'socks' } },
  ],
  [
    'user-profile-union',
    { $union: { 'Items purchased': ['socks', 'shirts'] } },
    { union: { 'Items purchased': ['socks', 'shirts'] } },
  ],
  ['profile-delete-property', { $unset: ['Days Overdue'] }, { unset: ['Days Overdue'] }],
  ['delete-profile', { $delete: 'null', $ignore_alias: false }, { isDelete: true }],
]
const users: IngestRequest[] = userOperations.map(([name, operation, update]) => ({
  name,
  source: source(name),
  ...post([{ ...user, ...operation }]),
  answer: one,
  updates: [{ id: '13793', groupKey: '', ...update }],
}))

const groupOperations: Operation[] = [
  ['group-set-property', { $set: { Address: '1313' } }, { set: { Address: '1313' } }],
  ['group-set-property-once', { $set_once: { Founded: 2009 } }, { setOnce: { Founded: 2009 } }],
  ['group-delete-property', { $unset: ['Founded'] }, { unset: ['Founded'] }],
  ['group-remove-from-list-property', { $remove: { products: 'a' } }, { remove: { products: 'a' } }],
  ['group-union', { $union: { products: ['a'] } }, { union: { products: ['a'] } }],
  ['delete-group', { $delete: 'null' }, { isDelete: true }],
]
const companies: IngestRequest[] = groupOperations.map(([name, operation, update]) => ({
  name,
  source: groups(name),
  ...post([{ ...group, ...operation }], '/groups'),
  answer: one,
  updates: [{ groupKey: 'Company', id: 'Mixpanel', ...update }],
}))

const forms: IngestRequest[] = [
  { name: 'one object', ...post(set), answer: one },
  {
    name: 'base64 in a form',
    path: '/engage',
    headers: formType,
    body: form({ data: base64(set) }),
    answer: one,
  },
  {
    name: 'a packed JSON body',
    path: '/engage',
    headers: { ...json, ...gzipped },
    body: gzip(JSON.stringify([set])),
    answer: one,
  },
  {
    name: 'in the URL',
    method: 'GET',
    path: `/engage/?data=${encodeURIComponent(base64(set))}&ip=0`,
    answer: one,
  },
  { name: 'verbose', ...post(set, '/engage?verbose=1&strict=1&ip=0'), answer: verboseOne },
  { name: 'a callback', ...post(set, '/engage?callback=done'), answer: script('done(1);') },
].map((request) => ({ source: source('profile-set: parameters'), ...request, updates: setUpdate }))

const lastSeen: [name: string, more: object, seenMs: number | null][] = [
  ['seconds', { $time: nowSeconds - 60 }, nowMs - 60_000],
  ['milliseconds', { $time: nowMs - 60_000 }, nowMs - 60_000],
  ['a clock that is ahead', { $time: nowSeconds + 600 }, nowMs],
  ['none', {}, nowMs],
  ['$ignore_time', { $ignore_time: true, $time: nowSeconds }, null],
]
const times: IngestRequest[] = lastSeen.map(([name, more, seenMs]) => ({
  name: `last seen: ${name}`,
  source: source('$time and $ignore_time'),
  ...post({ ...set, ...more }),
  answer: one,
  updates: [{ id: '13793', seenMs }],
}))

const refusals: [name: string, record: unknown, error: RegExp][] = [
  ['no operation', user, /must hold at least one of/],
  ['no token', { ...set, $token: undefined }, /'\$token' is invalid/],
  [
    'a token of nobody',
    { ...set, $token: 'f'.repeat(32) },
    /'\$token' is invalid: must be the token of a project/,
  ],
  ['no $distinct_id', { ...set, $distinct_id: undefined }, /'\$distinct_id' is invalid/],
  [
    'a $distinct_id of 256 characters',
    { ...set, $distinct_id: 'x'.repeat(256) },
    /'\$distinct_id' is invalid/,
  ],
  ['a $set that is a list', { ...user, $set: [] }, /'\$set' is invalid: must be a JSON object/],
  ['an $add of a text', { ...user, $add: { coins: 'many' } }, /'\$add' is invalid: must have numbers/],
  ['an $unset of numbers', { ...user, $unset: [1] }, /'\$unset' is invalid/],
  ['a $merge of no objects', { ...user, $merge: { settings: 1 } }, /'\$merge' is invalid/],
  ['a record that is a text', '["x"]', /must be a JSON object/],
  ['no records', '[]', /no events/],
]
const refused: IngestRequest[] = refusals.map(([name, record, error]) => ({
  name: `refused: ${name}`,
  source: source('200: 0'),
  ...post(record, '/engage?verbose=1'),
  answer: verboseZero(error),
}))

const others: IngestRequest[] = [
  {
    name: 'one of two refused',
    source: source('profile-batch-update'),
    ...post([set, user]),
    answer: zero,
    updates: setUpdate,
  },
  {
    name: 'groups: no $group_key',
    source: groups('group-set-property'),
    ...post({ ...group, $group_key: undefined, $set: {} }, '/groups?verbose=1'),
    answer: verboseZero(/'\$group_key' is invalid/),
  },
  {
    name: 'groups: no $group_id',
    source: groups('group-set-property'),
    ...post({ ...group, $group_id: null, $set: {} }, '/groups?verbose=1'),
    answer: verboseZero(/'\$group_id' is invalid/),
  },
  {
    name: 'engage: a body that is no JSON',
    source: source('400'),
    ...post('{"$token"'),
    answer: trackFailure(400, /not valid JSON/),
  },
  {
    name: 'engage: more than its bytes a minute',
    source: source('429'),
    world: 'rate spent',
    ...post(set),
    answer: { ...trackFailure(429, /Project exceeded rate limits/), headers: { 'retry-after': '60' } },
  },
  {
    name: 'engage: a store that is away',
    source: source('503'),
    world: 'store away',
    ...post(set),
    answer: { ...trackFailure(503, /cannot be stored just now/), headers: { 'retry-after': '5' } },
  },
]

export const profileRequests: IngestRequest[] = [
  ...users,
  ...companies,
  ...forms,
  ...times,
  ...refused,
  ...others,
]
