/** /import as the reference describes it: bodies, rules for events, answers. */
import { deflateSync } from 'node:zlib'
import { placeholders } from '../../../src/data/ingest/event-ids.ts'
import {
  type Answer,
  account,
  basic,
  gzip,
  gzipped,
  type IngestRequest,
  imported,
  importFailure,
  importRefused,
  json,
  ndjson,
  nowMs,
  nowSeconds,
  secret,
  token,
} from './ingest-request.ts'

const source = (what: string) => `reference, Import Events: ${what}`
const signed = { ...json, ...basic(secret) }

// The reference's own example.
const example = [
  {
    event: 'Signup',
    properties: {
      time: 1618716477000,
      distinct_id: '91304156-cafc-4673-a237-623d1129c801',
      $insert_id: '29fc2962-6d9c-455d-95ad-95b84f09b9e4',
      'Referred by': 'Friend',
      URL: 'mixpanel.com/signup',
    },
  },
  {
    event: 'Purchase',
    properties: {
      time: 1618716477000,
      distinct_id: '91304156-cafc-4673-a237-623d1129c801',
      $insert_id: '935d87b1-00cd-41b7-be34-b9d98dd08b42',
      Item: 'Coffee',
      Amount: 5.0,
    },
  },
]
const stored = example.map(({ event, properties }) => ({
  event,
  properties: { ...properties, time: 1618716477 },
}))
const array = JSON.stringify(example)
const lines = example.map((event) => JSON.stringify(event)).join('\n')

type Spelling = [
  name: string,
  page: string,
  headers: Record<string, string>,
  body: string | Uint8Array<ArrayBuffer>,
]

const spellings: Spelling[] = [
  ['a JSON array', 'Request Format', signed, array],
  ['a JSON array, printed', 'Request Format', signed, JSON.stringify(example, null, 2)],
  ['lines', 'Request Format', { ...ndjson, ...basic(secret) }, lines],
  ['lines with a last newline', 'Request Format', { ...ndjson, ...basic(secret) }, `${lines}\n`],
  [
    'lines with Windows line ends and blank ones',
    'Request Format',
    { ...ndjson, ...basic(secret) },
    lines.replace('\n', '\r\n\r\n'),
  ],
  ['lines called JSON', 'Request Format', signed, lines],
  ['an array called lines', 'Request Format', { ...ndjson, ...basic(secret) }, array],
  [
    'without a Content-Type',
    'Content-Type, by default application/json',
    basic(secret),
    new TextEncoder().encode(array),
  ],
  [
    'with a charset',
    'Content-Type',
    { ...basic(secret), 'content-type': 'application/json; charset=UTF-8' },
    array,
  ],
  ['a byte order mark', 'Request Format', signed, `\ufeff${array}`],
  ['gzip', 'Content-Encoding', { ...signed, ...gzipped }, gzip(array)],
  ['gzip of lines', 'Content-Encoding', { ...ndjson, ...basic(secret), ...gzipped }, gzip(lines)],
  [
    'gzip in two members',
    'Content-Encoding; RFC 1952',
    { ...signed, ...gzipped },
    join(gzip(array.slice(0, 99)), gzip(array.slice(99))),
  ],
  [
    'deflate',
    'Content-Encoding',
    { ...signed, 'content-encoding': 'deflate' },
    new Uint8Array(deflateSync(array)),
  ],
  ['identity', 'Content-Encoding; RFC 9110', { ...signed, 'content-encoding': 'identity' }, array],
  ['with the token', 'Authentication, Project Token', { ...json, ...basic(token) }, array],
  ['with a secret in plain text', 'Authentication', { ...json, authorization: `Basic ${secret}:` }, array],
]
const bodies: IngestRequest[] = spellings.map(([name, page, headers, body]) => ({
  name,
  source: source(page),
  path: '/import?strict=1',
  headers,
  body,
  answer: imported(2),
  events: stored,
}))

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...first, ...second])
}

const unauthorized = (error: RegExp) => importFailure(401, error, 'Unauthorized')
const robot = basic(account.username, account.secret)
type Login = [name: string, path: string, headers: Record<string, string>, answer: Answer, events: number]

const logins: Login[] = [
  ['a service account and its project', '/import?project_id=17', robot, imported(2), 2],
  ['the secret and its own project', '/import?project_id=17', basic(secret), imported(2), 2],
  ['a service account without a project', '/import', robot, unauthorized(/project_id in the query/), 0],
  [
    "a service account and another's project",
    '/import?project_id=18',
    robot,
    unauthorized(/Invalid credentials/),
    0,
  ],
  [
    "the secret and another's project",
    '/import?project_id=18',
    basic(secret),
    unauthorized(/Invalid credentials/),
    0,
  ],
  ['no credentials', '/import', {}, unauthorized(/Invalid credentials/), 0],
  ['a wrong secret', '/import', basic('0'.repeat(32)), unauthorized(/Invalid credentials/), 0],
  [
    'a bearer token',
    '/import',
    { authorization: `Bearer ${secret}` },
    unauthorized(/Invalid credentials/),
    0,
  ],
]
const credentials: IngestRequest[] = logins.map(([name, path, headers, answer, events]) => ({
  name: `credentials: ${name}`,
  source: source('Authentication; 401'),
  path,
  headers: { ...json, ...headers },
  body: array,
  answer,
  events,
}))

const base = { time: nowSeconds - 3600, distinct_id: 'ann', $insert_id: 'id-1' }
const send = (record: unknown) => ({
  path: '/import?strict=1',
  headers: signed,
  body: typeof record === 'string' ? record : JSON.stringify([record]),
})
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) })
const deepList = (levels: number): unknown => (levels === 0 ? 1 : [deepList(levels - 1)])
const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]))
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

type Acceptance = [name: string, page: string, properties: object, kept: Record<string, unknown>]

const acceptances: Acceptance[] = [
  ['seconds', 'properties.time', { time: 1618716477 }, { time: 1618716477 }],
  [
    'milliseconds',
    'properties.time',
    { time: 1618716477123 },
    { time: 1618716477, mp_event_time_ms: 1618716477123 },
  ],
  [
    'seconds with a fraction',
    'properties.time',
    { time: 1618716477.5 },
    { time: 1618716477, mp_event_time_ms: 1618716477500 },
  ],
  ['seconds as text', 'properties.time', { time: '1618716477' }, { time: 1618716477 }],
  [
    'the first second of 1971',
    'properties.time: not before 1971-01-01',
    { time: 31536000 },
    { time: 31536000 },
  ],
  [
    'half an hour ahead: set to now',
    'properties.time: set in the future',
    { time: nowSeconds + 1800 },
    { time: nowSeconds },
  ],
  [
    'an hour ahead, to the second',
    'properties.time: not more than 1 hour',
    { time: nowSeconds + 3600 },
    { time: nowSeconds },
  ],
  ['nobody', 'properties.distinct_id: the empty string', { distinct_id: '' }, { distinct_id: '' }],
  ['a user who is a number', 'properties.distinct_id', { distinct_id: 42 }, { distinct_id: 42 }],
  [
    'an id in capitals that is no placeholder',
    'properties.distinct_id',
    { distinct_id: 'NULL' },
    { distinct_id: 'NULL' },
  ],
  [
    'an insert id of 36 characters',
    'properties.$insert_id',
    { $insert_id: 'x'.repeat(36) },
    { $insert_id: 'x'.repeat(36) },
  ],
  ['an address, which is not stored', 'Example of an event', { ip: '136.24.0.114' }, { distinct_id: 'ann' }],
  ['254 properties', 'fewer than 255 properties', keys(251), { k250: 250 }],
  ['an object of 254 keys', 'nested objects', { a: keys(254) }, { a: keys(254) }],
  ['objects three levels deep', 'nesting depth 3', { a: nested(3) }, { a: nested(3) }],
  ['an array of 254 elements', 'arrays', { a: numbers(254) }, { a: numbers(254) }],
  [
    'a text of a thousand characters',
    'strings are kept whole',
    { a: 'ä'.repeat(1000) },
    { a: 'ä'.repeat(1000) },
  ],
  [
    'every JSON type',
    'properties',
    { s: '', n: -0.5e-3, t: true, f: false, z: null, o: {}, l: [] },
    { s: '', n: -0.0005, t: true, f: false, z: null, o: {}, l: [] },
  ],
  [
    'stamps of its own, which are replaced',
    'mp_ properties',
    { mp_processing_time_ms: 1 },
    { mp_processing_time_ms: nowMs },
  ],
]
const accepted: IngestRequest[] = acceptances.map(([name, page, properties, kept]) => ({
  name: `accepted: ${name}`,
  source: source(page),
  ...send({ event: 'e', properties: { ...base, ...properties } }),
  answer: imported(1),
  events: [{ event: 'e', properties: kept }],
}))

type Refusal = [
  name: string,
  page: string,
  record: unknown,
  field: string,
  message: RegExp,
  insertId?: string,
]
const withProperties = (properties: object) => ({ event: 'e', properties: { ...base, ...properties } })
const timeAllowed = /must be specified as seconds or milliseconds since the epoch/

const refusals: Refusal[] = [
  ['no event name', 'event', { properties: base }, 'event', /must be a string of 1 to 255/],
  ['an empty event name', 'event', { event: '', properties: base }, 'event', /must be a string of 1 to 255/],
  [
    'an event name of 256 characters',
    'event',
    { event: 'x'.repeat(256), properties: base },
    'event',
    /must be a string/,
  ],
  ['an event name that is a number', 'event', { event: 7, properties: base }, 'event', /must be a string/],
  ['no properties', 'properties', { event: 'e' }, 'properties', /must be a JSON object/, ''],
  [
    'properties that are a list',
    'properties',
    { event: 'e', properties: [] },
    'properties',
    /must be a JSON object/,
    '',
  ],
  ['an event that is a text', 'Each event must be JSON', 'x', 'event', /must be a JSON object/, ''],
  ['an event that is null', 'Each event must be JSON', null, 'event', /must be a JSON object/, ''],
  ['an event that is a list', 'Each event must be JSON', [[]], 'event', /must be a JSON object/, ''],
  ['no time', 'properties.time', withProperties({ time: undefined }), 'properties.time', timeAllowed],
  ['a time that is null', 'properties.time', withProperties({ time: null }), 'properties.time', timeAllowed],
  ['a date', 'properties.time', withProperties({ time: '2026-03-04' }), 'properties.time', timeAllowed],
  ['a negative time', 'properties.time', withProperties({ time: -1 }), 'properties.time', /1971-01-01/],
  [
    'the last second of 1970',
    'properties.time',
    withProperties({ time: 31535999 }),
    'properties.time',
    /1971-01-01/,
  ],
  [
    'more than an hour ahead',
    'properties.time',
    withProperties({ time: nowSeconds + 3601 }),
    'properties.time',
    /one hour ahead/,
  ],
  [
    'microseconds',
    'properties.time',
    withProperties({ time: nowMs * 1000 }),
    'properties.time',
    /one hour ahead/,
  ],
  [
    'no distinct_id',
    'properties.distinct_id',
    withProperties({ distinct_id: undefined }),
    'properties.distinct_id',
    /placeholders/,
  ],
  [
    'a distinct_id that is null',
    'properties.distinct_id',
    withProperties({ distinct_id: null }),
    'properties.distinct_id',
    /placeholders/,
  ],
  [
    'a distinct_id that is a list',
    'properties.distinct_id',
    withProperties({ distinct_id: ['ann'] }),
    'properties.distinct_id',
    /placeholders/,
  ],
  [
    'a distinct_id that is 0',
    'properties.distinct_id',
    withProperties({ distinct_id: 0 }),
    'properties.distinct_id',
    /placeholders/,
  ],
  [
    'no $insert_id',
    'properties.$insert_id',
    withProperties({ $insert_id: undefined }),
    'properties.$insert_id',
    /36 letters/,
    '',
  ],
  [
    'an $insert_id of 37 characters',
    'properties.$insert_id',
    withProperties({ $insert_id: 'x'.repeat(37) }),
    'properties.$insert_id',
    /36 letters/,
    'x'.repeat(37),
  ],
  [
    'an $insert_id with an underscore',
    'properties.$insert_id',
    withProperties({ $insert_id: 'a_b' }),
    'properties.$insert_id',
    /36 letters/,
    'a_b',
  ],
  [
    'an $insert_id that is a number',
    'properties.$insert_id',
    withProperties({ $insert_id: 7 }),
    'properties.$insert_id',
    /36 letters/,
    '',
  ],
  ['255 properties', 'fewer than 255 properties', withProperties(keys(252)), 'properties', /255/],
  ['an object of 255 keys', 'nested objects', withProperties({ a: keys(255) }), 'properties.a', /255/],
  [
    'objects four levels deep',
    'nesting depth 3',
    withProperties({ a: nested(4) }),
    'properties.a',
    /levels deep/,
  ],
  [
    'arrays four levels deep',
    'nesting depth 3',
    withProperties({ a: deepList(4) }),
    'properties.a',
    /levels deep/,
  ],
  ['an array of 255 elements', 'arrays', withProperties({ a: numbers(255) }), 'properties.a', /255/],
  [
    'an event of 1 MB',
    'smaller than 1MB',
    withProperties({ a: 'x'.repeat(1024 * 1024) }),
    'event',
    /smaller than 1048576 bytes/,
  ],
]

const refused: IngestRequest[] = refusals.map(([name, page, record, field, message, insertId = 'id-1']) => ({
  name: `refused: ${name}`,
  source: source(page),
  ...send(JSON.stringify([record])),
  answer: importRefused(0, 0, insertId, field, message),
}))

const disallowed: IngestRequest[] = [...placeholders].flatMap((id) => [
  {
    name: `refused: the distinct_id ${id}`,
    source: source('properties.distinct_id: values that are disallowed'),
    ...send(withProperties({ distinct_id: id })),
    answer: importRefused(0, 0, 'id-1', 'properties.distinct_id', /placeholders/),
  },
  {
    name: `refused: the $insert_id ${id}`,
    source: source('properties.$insert_id: values that are disallowed'),
    ...send(withProperties({ $insert_id: id })),
    answer: importRefused(0, 0, id, 'properties.$insert_id', /36 letters/),
  },
])

const mixed = [
  withProperties({}),
  withProperties({ time: 'x', $insert_id: 'bad' }),
  withProperties({ $insert_id: 'id-2' }),
]
const answers: IngestRequest[] = [
  {
    name: 'strict: what is invalid is listed, the rest is stored',
    source: source('400'),
    ...send(JSON.stringify(mixed)),
    answer: importRefused(2, 1, 'bad', 'properties.time', timeAllowed),
    events: 2,
  },
  {
    name: 'not strict: the rest is stored without a word',
    source: source('strict'),
    ...send(JSON.stringify(mixed)),
    path: '/import?strict=0',
    answer: imported(2),
    events: 2,
  },
  {
    name: 'strict is off where it is not sent',
    source: source('strict'),
    ...send(JSON.stringify(mixed)),
    path: '/import',
    answer: imported(2),
    events: 2,
  },
  {
    name: 'no events at all',
    source: source('Request Format'),
    ...send('[]'),
    answer: imported(0),
  },
  {
    name: '2,000 events',
    source: source('up to 2000 events'),
    ...send(
      JSON.stringify(
        Array.from({ length: 2000 }, (_, index) => withProperties({ $insert_id: `n-${index}` })),
      ),
    ),
    answer: imported(2000),
    events: 2000,
  },
  {
    name: '2,001 events',
    source: source('413'),
    ...send(
      JSON.stringify(
        Array.from({ length: 2001 }, (_, index) => withProperties({ $insert_id: `n-${index}` })),
      ),
    ),
    answer: importFailure(413, /request exceeds max limit of 2000 events/, 'Request Entity Too Large'),
  },
  {
    name: 'more than 10 MB',
    source: source('413'),
    ...send(' '.repeat(10_485_761)),
    answer: importFailure(413, /request exceeds max limit of 10485760 bytes/, 'Request Entity Too Large'),
  },
  {
    name: 'more than its bytes a minute',
    source: source('429'),
    world: 'rate spent',
    ...send(array),
    answer: {
      ...importFailure(
        429,
        /Project exceeded rate limits. Please retry the request with exponential backoff./,
        'Too Many Requests',
      ),
      headers: { 'retry-after': '60' },
    },
  },
  {
    name: 'a store that is away',
    source: source('502 and 503: retry'),
    world: 'store away',
    ...send(array),
    answer: {
      ...importFailure(503, /none of this request is acknowledged/, 'Service Unavailable'),
      headers: { 'retry-after': '5' },
    },
  },
]

export const importRequests: IngestRequest[] = [
  ...bodies,
  ...credentials,
  ...accepted,
  ...refused,
  ...disallowed,
  ...answers,
]
