/** What the SDK for PHP sends: base64 that is not escaped in the form, so that its plus signs stand for themselves. */
import { asStored, base64, formType, type IngestRequest, nowSeconds, one, token } from './ingest-request.ts'

const source = (what: string) => `mixpanel-php 2.9.0, lib/${what}`
/** `json_encode` escapes slashes and what is no ASCII; the text gives base64 with plus signs and slashes. */
const phpJson = (value: unknown) =>
  JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const post = (path: string, batch: unknown[]) => ({
  path,
  headers: formType,
  body: `data=${Buffer.from(phpJson(batch)).toString('base64')}`,
  answer: one,
})

const event = {
  event: 'button clicked',
  properties: {
    mp_lib: 'php',
    label: 'sign-up ~~~ >>> ??? ÿ',
    url: 'https://a.example/b',
    token,
    time: nowSeconds - 12.3456,
    distinct_id: 'ann',
  },
}
const identify = {
  event: '$identify',
  properties: {
    mp_lib: 'php',
    distinct_id: 'ann',
    $identified_id: 'ann',
    $anon_id: '5b0c6f9e-0c6b-4c8e-9d8a-2f0c3c1d2e3f',
    token,
    time: nowSeconds,
  },
}
const alias = { event: '$create_alias', properties: { distinct_id: 'ann', alias: 'ann@example.com', token } }
const person = { $token: token, $distinct_id: 'ann', $time: nowSeconds - 0.25 }

export const phpRequests: IngestRequest[] = [
  {
    name: 'events',
    source: source('ConsumerStrategies/CurlConsumer.php, _execute'),
    ...post('/track', [event, event]),
    events: [asStored(event), asStored(event)],
  },
  {
    name: 'base64 with a plus sign in it',
    source: source('ConsumerStrategies/AbstractConsumer.php, _encode'),
    ...post('/track', []),
    body: `data=${base64([{ ...event, properties: { ...event.properties, label: 'ü>>>ü???>' } }])}`,
    events: [{ event: event.event, properties: { label: 'ü>>>ü???>' } }],
  },
  {
    name: 'events by its own socket',
    source: source('ConsumerStrategies/SocketConsumer.php, persist'),
    ...post('/track', [event]),
    headers: { ...formType, accept: 'application/json' },
    events: 1,
  },
  {
    name: '$identify',
    source: source('Producers/MixpanelEvents.php, identify'),
    ...post('/track', [identify]),
    events: [asStored(identify)],
  },
  {
    name: 'alias',
    source: source('Producers/MixpanelEvents.php, createAlias'),
    ...post('/track', [alias]),
    events: [alias],
  },
  {
    name: 'people',
    source: source('Producers/MixpanelPeople.php, _constructPayload'),
    ...post('/engage', [
      { ...person, $set: { $name: 'Ann' }, $ip: '203.0.113.7' },
      { ...person, $add: { visits: 1 }, $ignore_time: true },
      { ...person, $union: { items: ['a'] }, $ignore_alias: true },
      { ...person, $set: { $transactions: [] } },
      { ...person, $unset: ['items'] },
      { ...person, $delete: '' },
    ]),
    updates: [
      { id: 'ann', set: { $name: 'Ann' }, seenMs: (nowSeconds - 0.25) * 1000 },
      { add: { visits: 1 }, seenMs: null },
      { union: { items: ['a'] } },
      { set: { $transactions: [] } },
      { unset: ['items'] },
      { isDelete: true },
    ],
  },
  {
    name: 'groups',
    source: source('Producers/MixpanelGroups.php'),
    ...post('/groups', [
      { $token: token, $group_key: 'company', $group_id: 'acme', $time: nowSeconds, $set: { seats: 5 } },
    ]),
    updates: [{ groupKey: 'company', id: 'acme', set: { seats: 5 } }],
  },
]
