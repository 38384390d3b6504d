/** What the SDKs for browsers and for Node send: their other forms are run as they are in test/e2e. */
import {
  asStored,
  base64,
  basic,
  formType,
  type IngestRequest,
  json,
  nowMs,
  nowSeconds,
  one,
  pixel,
  script,
  secret,
  token,
  verboseOne,
} from './ingest-request.ts'

const browser = (what: string) => `mixpanel-js 2.82.1, src/${what}`
const node = (what: string) => `mixpanel for Node 0.24, lib/${what}`

const origin = { origin: 'https://shop.example' }
const readable = {
  'access-control-allow-origin': 'https://shop.example',
  'access-control-allow-credentials': 'true',
  'cache-control': 'no-store',
}
const event = {
  event: '$mp_web_page_view',
  properties: {
    $os: 'Linux',
    $browser: 'Chrome',
    $current_url: 'https://shop.example/?q=Größe&x=1#top',
    $insert_id: 'k3j9x2m1q7w5e8r4',
    time: nowSeconds - 1.234,
    distinct_id: '$device:18f3-0ab',
    $device_id: '18f3-0ab',
    mp_lib: 'web',
    $lib_version: '2.82.1',
    token,
    mp_sent_by_lib_version: '2.82.1',
  },
}
const data = `data=${encodeURIComponent(base64([event]))}`
const query = `ip=1&_=${nowMs}`

const browserRequests: IngestRequest[] = [
  {
    name: 'a batch of events from a page',
    source: browser('mixpanel-core.js, _send_request'),
    path: `/track/?verbose=1&${query}`,
    headers: { ...formType, ...origin },
    body: data,
    answer: { ...verboseOne, headers: readable },
    events: [asStored(event)],
  },
  {
    name: 'the same as JSON',
    source: browser('mixpanel-core.js, _encode_data_for_request with api_payload_format json'),
    path: `/track/?verbose=1&${query}`,
    headers: { ...formType, ...origin },
    body: `data=${encodeURIComponent(JSON.stringify([event]))}`,
    answer: { ...verboseOne, headers: readable },
    events: [asStored(event)],
  },
  {
    name: 'a beacon as the page goes',
    source: browser('mixpanel-core.js, _send_request with sendBeacon'),
    path: `/track/?${query}`,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...origin },
    body: data,
    answer: { ...one, headers: readable },
    events: 1,
  },
  {
    name: 'by GET, for a browser without XHR',
    source: browser('mixpanel-core.js, _send_request without USE_XHR'),
    method: 'GET',
    path: `/track/?data=${encodeURIComponent(base64(event))}&verbose=1&callback=(function()%7B%7D)&${query}`,
    answer: script('(function(){})({"status":1,"error":null});'),
    events: 1,
  },
  {
    name: 'by GET, with a callback',
    source: browser('mixpanel-core.js, _send_request without USE_XHR'),
    method: 'GET',
    path: `/track/?data=${encodeURIComponent(base64(event))}&callback=mixpanel._jsc.xy1&${query}`,
    answer: script('mixpanel._jsc.xy1(1);'),
    events: 1,
  },
  {
    name: 'as a picture',
    source: browser('mixpanel-core.js, _send_request with img'),
    method: 'GET',
    path: `/track/?data=${encodeURIComponent(base64(event))}&img=1&${query}`,
    answer: pixel,
    events: 1,
  },
  {
    name: 'people',
    source: browser('mixpanel-people.js, _send_request'),
    path: `/engage/?verbose=1&${query}`,
    headers: { ...formType, ...origin },
    body: `data=${encodeURIComponent(
      base64([
        { $set: { plan: 'team' }, $token: token, $distinct_id: 'ann', $device_id: '18f3', $user_id: 'ann' },
      ]),
    )}`,
    answer: { ...verboseOne, headers: readable },
    updates: [{ id: 'ann', set: { plan: 'team' } }],
  },
  {
    name: 'groups',
    source: browser('mixpanel-group.js, _send_request'),
    path: `/groups/?verbose=1&${query}`,
    headers: { ...formType, ...origin },
    body: `data=${encodeURIComponent(
      base64([{ $set: { seats: 5 }, $group_key: 'company', $group_id: 'acme', $token: token }]),
    )}`,
    answer: { ...verboseOne, headers: readable },
    updates: [{ groupKey: 'company', id: 'acme', set: { seats: 5 } }],
  },
  {
    name: 'a preflight',
    source: browser('mixpanel-core.js, api_headers of another origin'),
    method: 'OPTIONS',
    path: '/track/',
    headers: {
      ...origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
    answer: {
      status: 204,
      type: '',
      body: '',
      headers: {
        'access-control-allow-origin': 'https://shop.example',
        'access-control-allow-headers': 'authorization,content-type',
        'access-control-allow-methods': 'GET, POST, OPTIONS',
      },
    },
  },
  {
    name: 'a part of a recording, which is not kept',
    source: browser('recorder/session-recording.js, _sendRequest'),
    path: `/record/?distinct_id=ann&seq=0&batch_start_time=${nowSeconds}&replay_id=r1&format=gzip`,
    headers: { ...basic(token), 'content-type': 'application/octet-stream', ...origin },
    body: new Uint8Array([31, 139, 8, 0, 1, 2, 3]),
    answer: { status: 200, type: 'application/json', body: '{"code":200,"status":"OK"}' },
  },
  {
    name: 'remote settings',
    source: browser('mixpanel-core.js, _fetch_remote_settings'),
    method: 'GET',
    path: `/settings/?%24lib_version=2.82.1&mp_lib=web&sdk_config=1`,
    headers: { ...basic(token), ...origin },
    answer: { status: 200, type: 'application/json', body: '{"sdk_config":{}}' },
  },
  {
    name: 'a first event of a flag',
    source: browser('flags/index.js, recordFirstTimeEvent'),
    path: '/flags/8c2f/first-time-events?mp_lib=web',
    headers: { ...json, ...basic(token), ...origin },
    body: '{"distinct_id":"ann"}',
    answer: { status: 200, type: 'application/json', body: '{"code":200,"status":"OK"}' },
  },
  {
    name: 'what older SDKs were to show',
    source: 'mixpanel-android 5, DecideChecker.java, getDecideResponse',
    method: 'GET',
    path: `/decide?version=1&lib=android&token=${token}&distinct_id=ann`,
    answer: {
      status: 200,
      type: 'application/json',
      body: '{"notifications":[],"surveys":[],"variants":[],"event_bindings":[]}',
    },
  },
]

const nodeEvent = {
  event: 'Node tracked',
  properties: {
    distinct_id: 'ann',
    plan: 'team',
    token,
    time: nowSeconds,
    mp_lib: 'node',
    $lib_version: '0.24.0',
  },
}
const nodeOld = { ...nodeEvent, properties: { ...nodeEvent.properties, time: 1_500_000_000 } }

const nodeRequests: IngestRequest[] = [
  {
    name: 'track',
    source: node('mixpanel-node.js, send_request by GET'),
    method: 'GET',
    path: `/track?ip=0&verbose=0&data=${encodeURIComponent(base64(nodeEvent))}`,
    answer: one,
    events: [asStored(nodeEvent)],
  },
  {
    name: 'track_batch',
    source: node('mixpanel-node.js, track_batch'),
    path: '/track?ip=0&verbose=0',
    headers: formType,
    body: `data=${base64([nodeEvent, nodeEvent])}`,
    answer: one,
    events: 2,
  },
  {
    name: 'import',
    source: node('mixpanel-node.js, import with a secret'),
    method: 'GET',
    path: `/import?ip=0&verbose=0&data=${encodeURIComponent(base64(nodeOld))}`,
    headers: basic(secret),
    answer: one,
    events: [asStored(nodeOld)],
  },
  {
    name: 'import_batch',
    source: node('mixpanel-node.js, import_batch with a secret'),
    path: '/import?ip=0&verbose=0',
    headers: { ...formType, ...basic(secret) },
    body: `data=${base64([nodeOld, nodeOld])}`,
    answer: one,
    events: 2,
  },
  {
    name: 'people.set',
    source: node('people.js, set'),
    method: 'GET',
    path: `/engage?ip=0&verbose=0&data=${encodeURIComponent(
      base64({ $token: token, $distinct_id: 'ann', $set: { plan: 'team' } }),
    )}`,
    answer: one,
    updates: [{ id: 'ann', set: { plan: 'team' } }],
  },
]

export const javascriptRequests: IngestRequest[] = [
  ...browserRequests.map((request) => ({ ...request, name: `browser: ${request.name}` })),
  ...nodeRequests.map((request) => ({ ...request, name: `Node: ${request.name}` })),
]
