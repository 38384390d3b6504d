/** What the SDK for Java sends: forms of base64 with `charset=utf8`, and imports as JSON with the token as user name. */
import {
  asStored,
  base64,
  basic,
  gzip,
  gzipped,
  type IngestRequest,
  imported,
  importRefused,
  json,
  nowMs,
  one,
  token,
} from './ingest-request.ts'

const source = (what: string) => `mixpanel-java 1.7.0, com/mixpanel/mixpanelapi/${what}`
const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=utf8' }
const data = (records: unknown[]) => `data=${encodeURIComponent(base64(records))}`
const post = (path: string, records: unknown[]) => ({ path, headers, body: data(records), answer: one })

const event = {
  event: 'Order',
  properties: {
    token,
    time: nowMs - 86_400_000,
    mp_lib: 'jdk',
    distinct_id: 'ann',
    total: 12.5,
    coupon: null,
  },
}
const old = {
  event: 'Order',
  properties: { ...event.properties, time: 1_500_000_000_123, $insert_id: '0f'.repeat(16) },
}
const person = { $token: token, $distinct_id: 'ann', $time: nowMs - 1000 }

const people = (operation: string, value: unknown, update: object): IngestRequest => ({
  name: `people, ${operation}`,
  source: source('MessageBuilder.java, peopleMessage'),
  ...post('/engage?ip=0', [{ [operation]: value, ...person }]),
  updates: [{ id: 'ann', seenMs: nowMs - 1000, ...update }],
})

export const javaRequests: IngestRequest[] = [
  {
    name: 'events',
    source: source('MixpanelAPI.java, sendData'),
    ...post('/track?ip=0', [event, event]),
    events: [asStored(event), asStored(event)],
  },
  {
    name: 'a packed form',
    source: source('MixpanelAPI.java, sendData with useGzipCompression'),
    ...post('/track?ip=1', []),
    headers: { ...headers, ...gzipped },
    body: gzip(data([event])),
    events: [asStored(event)],
  },
  {
    name: 'an import, strict',
    source: source('MixpanelAPI.java, sendImportData'),
    path: '/import?strict=1',
    headers: { ...json, ...basic(token) },
    body: JSON.stringify([old]),
    answer: imported(1),
    events: [asStored(old)],
  },
  {
    name: 'an import, packed and not strict',
    source: source('MixpanelAPI.java, sendImportData with useGzipCompression'),
    path: '/import?strict=0',
    headers: { ...json, ...gzipped, ...basic(token) },
    body: gzip(JSON.stringify([old, { event: 'x', properties: {} }])),
    answer: imported(1),
    events: [asStored(old)],
  },
  {
    name: 'an import that is refused in part',
    source: source('MixpanelAPI.java, sendImportData: the error stream'),
    path: '/import?strict=1',
    headers: { ...json, ...basic(token) },
    body: JSON.stringify([old, { event: 'Order', properties: { ...old.properties, time: 'now' } }]),
    answer: importRefused(
      1,
      1,
      '0f'.repeat(16),
      'properties.time',
      /seconds or milliseconds since the epoch/,
    ),
    events: 1,
  },
  people('$set', { plan: 'team' }, { set: { plan: 'team' } }),
  people('$set_once', { first: 1 }, { setOnce: { first: 1 } }),
  people('$add', { visits: 3 }, { add: { visits: 3 } }),
  people('$append', { items: 'a' }, { append: { items: 'a' } }),
  people('$remove', { items: 'a' }, { remove: { items: 'a' } }),
  people('$union', { items: ['a', 'b'] }, { union: { items: ['a', 'b'] } }),
  people('$unset', ['items', 'plan'], { unset: ['items', 'plan'] }),
  people('$delete', {}, { isDelete: true }),
  {
    name: 'groups',
    source: source('MessageBuilder.java, groupMessage'),
    ...post('/groups?ip=0', [
      { $set: { seats: 5 }, $token: token, $group_key: 'company', $group_id: 'acme', $time: nowMs },
    ]),
    updates: [{ groupKey: 'company', id: 'acme', set: { seats: 5 } }],
  },
]
