/** What the SDK for Android sends: forms of base64, `ip` in the query; what is answered 4xx is dropped, else sent again. */
import {
  asStored,
  base64,
  basic,
  form,
  gzip,
  gzipped,
  type IngestRequest,
  nowMs,
  one,
  token,
  verboseOne,
} from './ingest-request.ts'

const source = (what: string) => `mixpanel-android 8.9.0, ${what}`
/** `Uri.Builder` escapes what a query may not hold. */
const uriForm = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const post = (path: string, records: unknown[]) => ({
  path,
  headers,
  body: uriForm({ data: base64(records) }),
  answer: one,
})

const metadata = {
  $mp_event_id: 'e1',
  $mp_session_id: 's1',
  $mp_session_seq_id: 3,
  $mp_session_start_sec: 1_772_625_000,
}
const properties = {
  mp_lib: 'android',
  $lib_version: '8.9.0',
  $os: 'Android',
  $os_version: '16',
  $manufacturer: 'Google',
  $screen_dpi: 420,
  $wifi: true,
  $bluetooth_version: 'ble',
  token,
  time: nowMs - 250,
  distinct_id: '$device:8f1e',
  $had_persisted_distinct_id: false,
  $device_id: '8f1e',
}
const event = { event: 'Level Ärger 🙈', properties: { ...properties, level: 7, tags: ['a', 'b'] } }
const sent = { ...event, $mp_metadata: metadata }
const person = {
  $token: token,
  $time: nowMs,
  $had_persisted_distinct_id: true,
  $device_id: '8f1e',
  $distinct_id: 'ann',
  $user_id: 'ann',
  $mp_metadata: metadata,
}

export const androidRequests: IngestRequest[] = [
  {
    name: 'a batch of events',
    source: source('mpmetrics/AnalyticsMessages.java, sendData'),
    ...post('/track/?ip=1', [sent]),
    events: [{ ...asStored(event), $mp_metadata: metadata } as never],
  },
  {
    name: 'a batch of events of a debug build',
    source: source('mpmetrics/AnalyticsMessages.java, sendData'),
    ...post('/track/?ip=1', []),
    body: uriForm({ data: base64([sent, sent]), verbose: '1' }),
    answer: verboseOne,
    events: 2,
  },
  {
    name: 'a packed batch',
    source: source('util/HttpService.java, performSingleRequest'),
    ...post('/track/?ip=0', []),
    headers: { ...headers, ...gzipped },
    body: gzip(uriForm({ data: base64([sent]) })),
    events: 1,
  },
  {
    name: '$identify',
    source: source('mpmetrics/MixpanelAPI.java, identify'),
    ...post('/track/?ip=1', [
      { event: '$identify', properties: { ...properties, distinct_id: 'ann', $anon_distinct_id: '8f1e' } },
    ]),
    events: [{ event: '$identify', properties: { distinct_id: 'ann', $anon_distinct_id: '8f1e' } }],
  },
  {
    name: 'people, several updates in order',
    source: source('mpmetrics/MixpanelAPI.java, PeopleImpl.stdPeopleMessage'),
    ...post('/engage/?ip=1', [
      { ...person, $set: { plan: 'team', $android_os: 'Android' } },
      { ...person, $add: { visits: 1 } },
      { ...person, $merge: { settings: { theme: 'dark' } } },
      { ...person, $unset: ['plan'] },
      { ...person, $delete: null },
    ]),
    updates: [
      { id: 'ann', set: { plan: 'team', $android_os: 'Android' }, seenMs: nowMs },
      { add: { visits: 1 } },
      { merge: { settings: { theme: 'dark' } } },
      { unset: ['plan'] },
      { isDelete: true },
    ],
  },
  {
    name: 'groups',
    source: source('mpmetrics/MixpanelAPI.java, GroupImpl.stdGroupMessage'),
    ...post('/groups/?ip=1', [
      { $token: token, $time: nowMs, $group_key: 'company', $group_id: 'acme', $set_once: { since: 2020 } },
    ]),
    updates: [{ groupKey: 'company', id: 'acme', setOnce: { since: 2020 } }],
  },
  {
    name: 'flags',
    source: source('mpmetrics/FeatureFlagManager.java, _performFetchRequest'),
    method: 'GET',
    path: `/flags/?${form({ context: '{"distinct_id":"ann"}', token, mp_lib: 'android', $lib_version: '8.9.0' })}`,
    headers: basic(token),
    answer: { status: 200, type: 'application/json', body: '{"flags":{}}' },
  },
]
