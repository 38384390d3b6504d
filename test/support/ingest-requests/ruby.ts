/** What the SDK for Ruby sends: forms of base64 with `verbose`, and links with a pixel. */
import {
  account,
  asStored,
  base64,
  basic,
  form,
  formType,
  type IngestRequest,
  importFailure,
  nowMs,
  pixel,
  token,
  verboseOne,
} from './ingest-request.ts'

const source = (what: string) => `mixpanel-ruby 3.3.0, lib/mixpanel-ruby/${what}`
const post = (path: string, data: unknown, more: Record<string, string> = {}) => ({
  path,
  headers: formType,
  body: form({ data: base64(data), verbose: '1', ...more }),
  answer: verboseOne,
})

const properties = { distinct_id: 'ann', token, time: nowMs - 1, mp_lib: 'ruby', $lib_version: '3.3.0' }
const event = { event: 'Welcome Email Sent', properties: { ...properties, 'Email Template': 'Pretty Pink' } }
const withAddress = { ...event, properties: { ...event.properties, ip: '203.0.113.7' } }
const person = { $token: token, $time: nowMs - 1000, $distinct_id: 'ann' }

const people = (operation: string, value: unknown, update: object, more: object = {}): IngestRequest => ({
  name: `people, ${operation}`,
  source: source('people.rb, update'),
  ...post('/engage', { ...person, [operation]: value, ...more }),
  updates: [{ id: 'ann', ...update }],
})

export const rubyRequests: IngestRequest[] = [
  {
    name: 'track',
    source: source('events.rb, track'),
    ...post('/track', withAddress),
    events: [asStored(event)],
  },
  {
    name: 'a buffer of events',
    source: source('consumer.rb, BufferedConsumer.flush_type'),
    ...post('/track', [event, event, event]),
    events: 3,
  },
  {
    name: 'alias',
    source: source('tracker.rb, alias'),
    ...post('/track', { event: '$create_alias', properties: { distinct_id: 'ann', alias: 'a@b.c', token } }),
    events: [{ event: '$create_alias', properties: { distinct_id: 'ann', alias: 'a@b.c' } }],
  },
  {
    name: 'a link that tracks, in base64 that is safe in URLs',
    source: source('tracker.rb, generate_tracking_url'),
    method: 'GET',
    path: `/track/?data=${base64({ ...event, properties: { ...event.properties, note: '???>>>~~~' } })
      .replaceAll('+', '-')
      .replaceAll('/', '_')}&ip=1&img=1`,
    answer: pixel,
    events: [{ event: event.event, properties: { note: '???>>>~~~' } }],
  },
  {
    name: 'import with a service account',
    source: source('consumer.rb, request'),
    ...post('/import?project_id=17', event),
    headers: { ...formType, ...basic(account.username, account.secret) },
    events: [asStored(event)],
  },
  {
    name: 'import with nothing but the older key, which is no credential here',
    source: source('consumer.rb, send!'),
    ...post('/import', event, { api_key: 'an-api-key' }),
    answer: importFailure(401, /Invalid credentials/, 'Unauthorized'),
  },
  people('$set', { plan: 'team' }, { set: { plan: 'team' } }, { $ip: '203.0.113.7', $ignore_time: 'true' }),
  people('$set', { plan: 'team' }, { set: { plan: 'team' }, seenMs: null }, { $ignore_time: true }),
  people('$add', { visits: 1 }, { add: { visits: 1 } }),
  people('$append', { $transactions: { $amount: 25 } }, { append: { $transactions: { $amount: 25 } } }),
  people('$unset', ['$transactions'], { unset: ['$transactions'] }),
  people('$delete', '', { isDelete: true }, { $ignore_alias: true }),
  {
    name: 'groups',
    source: source('groups.rb, update'),
    ...post('/groups', {
      $token: token,
      $time: nowMs,
      $group_key: 'company',
      $group_id: 'acme',
      $remove: { products: 'anvil' },
    }),
    updates: [{ groupKey: 'company', id: 'acme', remove: { products: 'anvil' } }],
  },
]
