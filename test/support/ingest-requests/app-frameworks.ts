/**
 * What the SDKs of app frameworks send themselves: Unity, and React Native without its native modules (Expo, and Flutter's
 * and React Native's others, send by the SDKs for Apple, Android and browsers).
 */
import {
  asStored,
  base64,
  form,
  formType,
  type IngestRequest,
  nowMs,
  nowSeconds,
  one,
  token,
} from './ingest-request.ts'

const unity = (what: string) => `mixpanel-unity at 007042f, Mixpanel/${what}`
const reactNative = (what: string) => `mixpanel-react-native at 2f17b7f, javascript/${what}`

const unityEvent = {
  event: 'Level Complete',
  properties: {
    'Level Number': 9,
    mp_lib: 'unity',
    $lib_version: '3.4.1',
    $wifi: true,
    $screen_dpi: 326.5,
    token,
    distinct_id: '0c2b4d6e-Unity',
    time: nowMs - 1250,
  },
  $mp_metadata: { $mp_event_id: 'a1b2c3', $mp_session_id: 'd4e5f6', $mp_session_seq_id: 3 },
}
const developerEvent = {
  event: 'Integration',
  properties: {
    token,
    DevX: true,
    mp_lib: 'unity',
    $lib_version: '3.4.1',
    'Project Token': 'ann',
    distinct_id: 'ann',
  },
}
const unityPerson = {
  $append: { scores: 12 },
  $token: token,
  $distinct_id: '0c2b4d6e-Unity',
  $time: nowMs,
  $mp_metadata: { $mp_session_id: 'd4e5f6', $mp_session_seq_id: 3 },
}

const unityRequests: IngestRequest[] = [
  {
    name: 'Unity: a batch of events, as plain JSON in a form',
    source: unity('Controller.cs, SendData and DoTrack'),
    path: '/track/?ip=1',
    headers: formType,
    body: form({ data: JSON.stringify([unityEvent, unityEvent]) }),
    answer: one,
    events: [asStored(unityEvent), asStored(unityEvent)],
  },
  {
    name: 'Unity: an event of the developer, as base64',
    source: unity('Controller.cs, SendHttpEvent'),
    path: '/track/?ip=1',
    headers: formType,
    body: form({ data: base64(developerEvent) }),
    answer: one,
    events: [asStored(developerEvent)],
  },
  {
    name: 'Unity: people',
    source: unity('Controller.cs, SendData and DoEngage'),
    path: '/engage/?ip=1',
    headers: formType,
    body: form({ data: JSON.stringify([unityPerson]) }),
    answer: one,
    updates: [{ id: '0c2b4d6e-Unity', append: { scores: 12 }, seenMs: nowMs }],
  },
]

const appEvent = {
  event: '$identify',
  properties: {
    token,
    time: nowMs - 10,
    $os: 'ios',
    mp_lib: 'react-native',
    $lib_version: '3.3.0',
    distinctId: 'ann',
    $anon_distinct_id: '$device:5b0c6f9e',
    company: ['acme', 'ümlaut & sons = 100%'],
    distinct_id: 'ann',
    $device_id: '5b0c6f9e',
    $user_id: 'ann',
  },
}
const appPerson = {
  $token: token,
  $time: nowMs,
  $delete: 'null',
  $distinct_id: 'ann',
  $device_id: '5b0c6f9e',
  $user_id: 'ann',
}
const appGroup = {
  $token: token,
  $time: nowMs,
  $group_key: 'company',
  $group_id: 'acme',
  $remove: { products: 'rope' },
}
/** `encodeURIComponent` leaves spaces as %20, where a form has plus signs. */
const appForm = (records: unknown[]) => ({
  headers: formType,
  body: `data=${encodeURIComponent(JSON.stringify(records))}`,
  answer: one,
})

const reactNativeRequests: IngestRequest[] = [
  {
    name: 'React Native: events',
    source: reactNative('mixpanel-network.js, sendRequest; mixpanel-main.js, track'),
    path: '/track/?ip=1',
    ...appForm([appEvent]),
    events: [asStored(appEvent)],
  },
  {
    name: 'React Native: no address is to be used',
    source: reactNative('mixpanel-network.js, sendRequest'),
    path: '/track/?ip=0',
    ...appForm([{ ...appEvent, properties: { ...appEvent.properties, time: nowSeconds } }]),
    events: 1,
  },
  {
    name: 'React Native: people, $delete',
    source: reactNative('mixpanel-main.js, sendProfileDataToMixpanel and deleteUser'),
    path: '/engage/?ip=1',
    ...appForm([appPerson]),
    updates: [{ id: 'ann', isDelete: true }],
  },
  {
    name: 'React Native: group, $remove',
    source: reactNative('mixpanel-main.js, groupRemovePropertyValue'),
    path: '/groups/?ip=1',
    ...appForm([appGroup]),
    updates: [{ groupKey: 'company', id: 'acme', remove: { products: 'rope' } }],
  },
  {
    name: 'React Native: flags, with a second question mark',
    source: reactNative('mixpanel-flags-js.js, fetchFlags; mixpanel-network.js, sendRequest'),
    method: 'GET',
    path: `/flags?${form({ context: '{"distinct_id":"ann","device_id":"5b0c6f9e"}', token, mp_lib: 'react-native', $lib_version: '3.3.0' })}?ip=1`,
    answer: { status: 200, type: 'application/json', body: '{"flags":{}}' },
  },
]

export const appFrameworkRequests: IngestRequest[] = [...unityRequests, ...reactNativeRequests]
