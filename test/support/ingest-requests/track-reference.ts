/** /track as the reference describes it, and the identity events that go there. */
import {
  asStored,
  base64,
  basic,
  form,
  formType,
  gzip,
  gzipped,
  type IngestRequest,
  imported,
  json,
  nowSeconds,
  one,
  pixel,
  script,
  secret,
  token,
  trackFailure,
  verboseOne,
  verboseZero,
  zero,
} from './ingest-request.ts'

const source = (what: string) => `reference, Track Events: ${what}`
const event = {
  event: 'Signed up',
  properties: { token, distinct_id: 'ann', time: nowSeconds - 60, plan: 'team' },
}
const wrong = { event: 'Signed up', properties: { ...event.properties, time: 1 } }
const data = encodeURIComponent(base64(event))
const text = JSON.stringify(event)
const events = [asStored(event)]
const get = (query: string, path = '/track') => ({ method: 'GET', path: `${path}?${query}` })
const post = (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>, query = '') => ({
  path: `/track${query}`,
  headers,
  body,
})

type Sent = Pick<IngestRequest, 'method' | 'path' | 'headers' | 'body'>

const spellings: [name: string, sent: Sent][] = [
  ['base64 in the URL', get(`data=${data}`)],
  ['JSON in the URL', get(`data=${encodeURIComponent(text)}`)],
  ['a trailing slash', get(`data=${data}`, '/track/')],
  ['base64 in a form', post(formType, `data=${data}`)],
  ['JSON in a form', post(formType, form({ data: text }))],
  [
    'a form whose type has capitals',
    post({ 'content-type': 'Application/X-WWW-Form-Urlencoded' }, `data=${data}`),
  ],
  ['an array in a form', post(formType, `data=${encodeURIComponent(base64([event]))}`)],
  ['a JSON object as the body', post(json, text)],
  ['a JSON array as the body', post(json, `[${text}]`)],
  ['a JSON array under the type of a form', post(formType, `[${text}]`)],
  ['a packed JSON body', post({ ...json, ...gzipped }, gzip(`[${text}]`))],
  ['a packed form', post({ ...formType, ...gzipped }, gzip(`data=${data}`))],
  ['without a Content-Type', post({}, new TextEncoder().encode(`data=${data}`))],
  ['plain text, as beacons have it', post({ 'content-type': 'text/plain' }, `data=${data}`)],
  ['base64 without its padding', get(`data=${data.replaceAll('%3D', '')}`)],
  ['parameters that nobody knows', get(`data=${data}&foo=bar&test=1`)],
  ['data in the URL of a POST', { path: `/track?data=${data}`, headers: {} }],
]
const forms: IngestRequest[] = spellings.map(([name, sent]) => ({
  name,
  source: source('data'),
  ...sent,
  answer: one,
  events,
}))

const answers: IngestRequest[] = [
  { name: 'ip=0', ...get(`data=${data}&ip=0`), answer: one, events },
  { name: 'ip=1: the address is not stored', ...get(`data=${data}&ip=1`), answer: one, events },
  { name: 'verbose=1', ...get(`data=${data}&verbose=1`), answer: verboseOne, events },
  { name: 'verbose=0', ...get(`data=${data}&verbose=0`), answer: one, events },
  { name: 'verbose=true', ...get(`data=${data}&verbose=true`), answer: verboseOne, events },
  { name: 'verbose, empty', ...get(`data=${data}&verbose=`), answer: one, events },
  { name: 'img=1', ...get(`data=${data}&img=1`), answer: pixel, events },
  { name: 'img=1 for an event that is refused', ...get(`data=${base64(wrong)}&img=1`), answer: pixel },
  { name: 'a callback', ...get(`data=${data}&callback=tracked`), answer: script('tracked(1);'), events },
  {
    name: 'a callback that is a path',
    ...get(`data=${data}&callback=a.$b._c1`),
    answer: script('a.$b._c1(1);'),
    events,
  },
  {
    name: 'a callback and an event that is refused',
    ...get(`data=${base64(wrong)}&callback=tracked`),
    answer: script('tracked(0);'),
  },
  {
    name: 'a callback and verbose',
    ...get(`data=${data}&callback=tracked&verbose=1`),
    answer: script('tracked({"status":1,"error":null});'),
    events,
  },
  { name: 'an event that is refused', ...get(`data=${base64(wrong)}`), answer: zero },
  {
    name: 'an event that is refused, verbose',
    ...get(`data=${base64(wrong)}&verbose=1`),
    answer: verboseZero(/event 0: 'properties.time' is invalid/),
  },
  { name: 'one of two refused', ...post(json, JSON.stringify([wrong, event])), answer: zero, events: 1 },
  {
    name: 'one of two refused, verbose',
    ...post(json, JSON.stringify([event, wrong]), '?verbose=1'),
    answer: verboseZero(/event 1: .*1 of 2 refused; the others are stored/),
    events: 1,
  },
].map((request) => ({ source: source('query parameters; 200'), ...request }))

const withProperties = (properties: object) =>
  JSON.stringify({ event: 'e', properties: { token, ...properties } })
const acceptances: [name: string, properties: object, kept: Record<string, unknown>][] = [
  ['nothing but a token', {}, { time: nowSeconds }],
  ['no distinct_id', { time: nowSeconds }, { time: nowSeconds }],
  ['5 days ago', { time: nowSeconds - 5 * 86_400 }, { time: nowSeconds - 5 * 86_400 }],
  [
    'milliseconds',
    { time: (nowSeconds - 5) * 1000 + 1 },
    { time: nowSeconds - 5, mp_event_time_ms: (nowSeconds - 5) * 1000 + 1 },
  ],
  ['a clock that is ahead', { time: nowSeconds + 600 }, { time: nowSeconds }],
  ['an address', { ip: '203.0.113.7', a: 1 }, { a: 1 }],
  ['an $insert_id', { $insert_id: 'abc' }, { $insert_id: 'abc' }],
]
const accepted: IngestRequest[] = acceptances.map(([name, properties, kept]) => ({
  name: `accepted: ${name}`,
  source: source('Event Object'),
  ...post(json, withProperties(properties)),
  answer: one,
  events: [{ event: 'e', properties: kept }],
}))

const refusals: [name: string, body: string, error: RegExp][] = [
  ['more than 5 days ago', withProperties({ time: nowSeconds - 5 * 86_400 - 1 }), /within the last 5 days/],
  ['more than an hour ahead', withProperties({ time: nowSeconds + 3601 }), /one hour ahead/],
  [
    'a token of nobody',
    withProperties({ token: 'f'.repeat(32) }),
    /'properties.token' is invalid: must be the token of a project/,
  ],
  ['no token', withProperties({ token: undefined }), /'properties.token' is invalid/],
  ['a token that is a number', withProperties({ token: 17 }), /'properties.token' is invalid/],
  ['the secret as token', withProperties({ token: secret }), /'properties.token' is invalid/],
  [
    'a placeholder for an id',
    withProperties({ distinct_id: 'anonymous' }),
    /'properties.distinct_id' is invalid/,
  ],
  [
    'an $insert_id with a blank',
    withProperties({ $insert_id: 'a b' }),
    /'properties.\$insert_id' is invalid/,
  ],
  ['no event name', JSON.stringify({ properties: { token } }), /'event' is invalid/],
  ['no properties', JSON.stringify({ event: 'e' }), /'properties' is invalid/],
  ['no events at all', '[]', /no events/],
]
const refused: IngestRequest[] = refusals.map(([name, body, error]) => ({
  name: `refused: ${name}`,
  source: source('200: 0'),
  ...post(json, body, '?verbose=1'),
  answer: verboseZero(error),
}))

const failures: IngestRequest[] = [
  { name: 'no data', ...get(''), answer: trackFailure(400, /data is missing or empty/) },
  { name: 'empty data', ...get('data='), answer: trackFailure(400, /data is missing or empty/) },
  { name: 'an empty body', ...post(formType, ''), answer: trackFailure(400, /data is missing or empty/) },
  {
    name: 'data that is no JSON',
    ...post(formType, 'data={"event"'),
    answer: trackFailure(400, /data is not valid JSON/),
  },
  {
    name: 'data that is no base64',
    ...post(formType, 'data=%21%21'),
    answer: trackFailure(400, /neither JSON nor base64/),
  },
  {
    name: 'base64 of no JSON',
    ...post(formType, `data=${base64('hello')}`),
    answer: trackFailure(400, /data is not valid JSON/),
  },
  {
    name: 'verbose=2',
    ...get(`data=${data}&verbose=2`),
    answer: trackFailure(400, /verbose must be 0 or 1/),
  },
  {
    name: 'a Content-Type that is none of these',
    ...post({ 'content-type': 'application/xml' }, '<event/>'),
    answer: trackFailure(415, /Content-Type is not supported/),
  },
  {
    name: 'more than its bytes a minute',
    world: 'rate spent' as const,
    ...post(json, text),
    answer: { ...trackFailure(429, /Project exceeded rate limits/), headers: { 'retry-after': '60' } },
  },
  {
    name: 'a store that is away',
    world: 'store away' as const,
    ...get(`data=${data}&img=1`),
    answer: { ...trackFailure(503, /cannot be stored just now/), headers: { 'retry-after': '5' } },
  },
].map((request) => ({ source: source('4xx and 503'), ...request }))

const identity = (what: string) => `reference, Identities: ${what}`
const merge = { event: '$merge', properties: { $distinct_ids: ['ann', 'bob'], token } }
const identities: IngestRequest[] = [
  {
    name: '$identify',
    source: identity('create-identity'),
    ...post(
      formType,
      form({
        data: JSON.stringify({
          event: '$identify',
          properties: { $identified_id: 'ann', $anon_id: 'x1', token },
        }),
        strict: '1',
      }),
    ),
    answer: one,
    events: [{ event: '$identify', properties: { $identified_id: 'ann', $anon_id: 'x1' } }],
  },
  {
    name: '$create_alias',
    source: identity('identity-create-alias'),
    ...post(
      formType,
      form({
        data: JSON.stringify({
          event: '$create_alias',
          properties: { distinct_id: 'ann', alias: 'a', token },
        }),
      }),
    ),
    answer: one,
    events: [{ event: '$create_alias', properties: { distinct_id: 'ann', alias: 'a' } }],
  },
  {
    name: '$merge: the reference asks for neither time nor ids',
    source: identity('identity-merge'),
    path: '/import?strict=1',
    headers: { ...json, ...basic(secret) },
    body: JSON.stringify([merge]),
    answer: imported(1),
    events: [{ event: '$merge', properties: { ...merge.properties, time: nowSeconds } }],
  },
  {
    name: '$merge in lines, without strict',
    source: identity('identity-merge'),
    path: '/import',
    headers: { 'content-type': 'application/x-ndjson', ...basic(secret) },
    body: `${JSON.stringify(merge)}\n${JSON.stringify(merge)}\n`,
    answer: imported(2),
    events: 2,
  },
  {
    name: '$merge with a time and ids of its own',
    source: identity('identity-merge'),
    path: '/import?strict=1',
    headers: { ...json, ...basic(secret) },
    body: JSON.stringify([
      {
        ...merge,
        properties: { ...merge.properties, time: 1_600_000_000, distinct_id: 'ann', $insert_id: 'm-1' },
      },
    ]),
    answer: imported(1),
    events: [
      {
        event: '$merge',
        properties: { ...merge.properties, time: 1_600_000_000, distinct_id: 'ann', $insert_id: 'm-1' },
      },
    ],
  },
]

export const trackRequests: IngestRequest[] = [
  ...forms,
  ...answers,
  ...accepted,
  ...refused,
  ...failures,
  ...identities,
]
