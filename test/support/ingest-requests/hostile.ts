/** What is odd, broken or meant to harm: stored as it was meant, or refused by name, and nothing else suffers. */
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import {
  type Answer,
  base64,
  basic,
  form,
  formType,
  gzip,
  gzipped,
  type IngestRequest,
  imported,
  importFailure,
  importRefused,
  json,
  ndjson,
  nowSeconds,
  one,
  secret,
  token,
  trackFailure,
  verboseZero,
} from './ingest-request.ts'

const signed = { ...json, ...basic(secret) }
const stamps = `"time":${nowSeconds - 60},"distinct_id":"ann","$insert_id":"h-1"`
const toImport = (body: string | Uint8Array<ArrayBuffer>, headers: object = {}) => ({
  path: '/import?strict=1',
  headers: { ...signed, ...headers },
  body,
})
const event = (properties: string, name = '"e"') =>
  `[{"event":${name},"properties":{${stamps},${properties}}}]`
const tracked = { event: 'e', properties: { token, a: 1 } }
const badBody = (error: RegExp) => importFailure(400, error, 'Bad Request')
const tooLarge = (error: RegExp) => importFailure(413, error, 'Request Entity Too Large')
const unsupported = (error: RegExp) => importFailure(415, error, 'Unsupported Media Type')

const json8259 = 'RFC 8259, and the reference: each event must be properly formatted JSON'
const odd: [name: string, properties: string, kept: object][] = [
  ['a lone surrogate', '"a":"\\ud83d"', { a: '\ud83d' }],
  ['a NUL', '"a":"x\\u0000y"', { a: 'x\0y' }],
  ['a number that no double holds', '"a":12345678901234567890', {}],
  ['a number beyond every double', '"a":1e400', {}],
  ['minus zero', '"a":-0', {}],
  ['__proto__ as a property', '"__proto__":{"polluted":1},"constructor":{"prototype":1}', {}],
  ['the same key twice: the last counts', '"a":1,"a":2', { a: 2 }],
  ['escapes in a key', '"\\u0061":1', { a: 1 }],
  ['a property with no name', '"":1', { '': 1 }],
  ['controls, escaped', '"a":"\\u0001\\n\\t"', { a: '\u0001\n\t' }],
  ['markup', '"a":"</script><script>alert(1)</script>"', { a: '</script><script>alert(1)</script>' }],
  ['line separators', '"a":"\u2028\u2029"', { a: '\u2028\u2029' }],
]
const kept: IngestRequest[] = odd.map(([name, properties, expected]) => ({
  name: `kept: ${name}`,
  source: json8259,
  ...toImport(event(properties)),
  answer: imported(1),
  events: [{ event: 'e', properties: { $insert_id: 'h-1', ...expected } }],
}))

type Sent = Pick<IngestRequest, 'path' | 'headers' | 'body'>

const broken: [name: string, sent: Sent, answer: Answer, events?: number][] = [
  [
    'a time that is no number',
    toImport(event('"time":1e999')),
    importRefused(0, 0, 'h-1', 'properties.time', /seconds or milliseconds/),
  ],
  [
    'a name with a NUL',
    toImport(event('"a":1', '"a\\u0000b"')),
    importRefused(0, 0, 'h-1', 'event', /without NUL/),
  ],
  [
    'a name with half a character',
    toImport(event('"a":1', '"\\ud83d"')),
    importRefused(0, 0, 'h-1', 'event', /unpaired surrogates/),
  ],
  [
    'properties that are __proto__',
    toImport('[{"event":"e","__proto__":{"properties":{}}}]'),
    importRefused(0, 0, '', 'properties', /must be a JSON object/),
  ],
  [
    'a list nested ten thousand deep',
    toImport(event(`"a":${'['.repeat(10_000)}${']'.repeat(10_000)}`)),
    importRefused(0, 0, 'h-1', 'properties.a', /levels deep/),
  ],
  [
    'a line that is no JSON, between two that are',
    {
      ...toImport(`${event('"a":1').slice(1, -1)}\n{"event":\n${event('"a":2').slice(1, -1)}`),
      headers: { ...signed, ...ndjson },
    },
    importRefused(2, 1, '', 'event', /not valid JSON/),
    2,
  ],
]
const refused: IngestRequest[] = broken.map(([name, sent, answer, events = 0]) => ({
  name: `refused by name: ${name}`,
  source: json8259,
  ...sent,
  answer,
  events,
}))

const encodings = 'reference, Import Events: Content-Type and Content-Encoding; RFC 9110'
const unreadable: [name: string, sent: Sent, answer: Answer][] = [
  ['half of a JSON text', toImport(event('"a":1').slice(0, -5)), badBody(/not valid JSON/)],
  ['an empty body', toImport(''), badBody(/request body is empty/)],
  ['blanks', toImport('  \n '), badBody(/request body is empty/)],
  ['a number', toImport('7'), badBody(/not valid JSON/)],
  ['single quotes', toImport("[{'event':'e'}]"), badBody(/not valid JSON/)],
  ['NaN', toImport(event('"a":NaN')), badBody(/not valid JSON/)],
  ['UTF-16', toImport(new Uint8Array(Buffer.from(event('"a":1'), 'utf16le'))), badBody(/not valid/)],
  ['Latin-1', toImport(new Uint8Array(Buffer.from(event('"a":"ä"'), 'latin1'))), badBody(/not valid UTF-8/)],
  [
    'Latin-1, said so',
    toImport(event('"a":1'), { 'content-type': 'application/json; charset=latin1' }),
    unsupported(/charset is not supported/),
  ],
  [
    'an overlong encoding',
    toImport(new Uint8Array([...Buffer.from('[{"event":"'), 0xc0, 0xaf])),
    badBody(/not valid UTF-8/),
  ],
  [
    'XML',
    toImport('<event/>', { 'content-type': 'application/xml' }),
    unsupported(/Content-Type is not supported/),
  ],
  [
    'multipart',
    toImport('--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
    unsupported(/Content-Type is not supported/),
  ],
  [
    'brotli',
    toImport(new Uint8Array(brotliCompressSync(event('"a":1'))), { 'content-encoding': 'br' }),
    unsupported(/Content-Encoding is not supported/),
  ],
  [
    'zstd',
    toImport(new Uint8Array(zstdCompressSync(event('"a":1'))), { 'content-encoding': 'zstd' }),
    unsupported(/Content-Encoding is not supported/),
  ],
  [
    'gzip twice',
    toImport(gzip('x'), { 'content-encoding': 'gzip, gzip' }),
    unsupported(/Content-Encoding is not supported/),
  ],
  ['gzip that is none', toImport('[]', gzipped), badBody(/not valid gzip/)],
  ['half of a gzip', toImport(gzip(event('"a":1')).slice(0, 30), gzipped), badBody(/not valid gzip/)],
  [
    'JSON packed twice',
    toImport(new Uint8Array(gzipSync(gzipSync(event('"a":1')))), gzipped),
    badBody(/UTF-8|not valid JSON/),
  ],
  [
    'a gzip bomb',
    toImport(new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024, 32))), gzipped),
    tooLarge(/10485760 bytes/),
  ],
  ['a bomb of objects', toImport(gzip(`[${'{},'.repeat(3_000_000)}{}]`), gzipped), tooLarge(/2000 events/)],
  [
    'a bomb of lists in one event',
    toImport(gzip(event(`"a":[${'[],'.repeat(300_000)}[]]`)), gzipped),
    tooLarge(/250000 objects and arrays/),
  ],
]
const whole: IngestRequest[] = unreadable.map(([name, sent, answer]) => ({
  name: `refused whole: ${name}`,
  source: encodings,
  ...sent,
  answer,
}))

const data = encodeURIComponent(base64(tracked))
const callbacks: IngestRequest[] = [
  'alert(1)',
  '<script>',
  'a;b',
  'a b',
  'a.b[0]',
  'x'.repeat(256),
  'a\u2028b',
  '(function(){alert(1)})',
  '1a',
  'a..b',
].map((callback) => ({
  name: `a callback that is no name: ${callback.slice(0, 20)}`,
  source: 'reference, Track Events: callback is written into a script',
  method: 'GET',
  path: `/track?data=${data}&callback=${encodeURIComponent(callback)}`,
  answer: trackFailure(400, /callback must be the name of a JavaScript function/),
}))

const track: IngestRequest[] = [
  {
    name: 'a body in brotli',
    path: '/track',
    headers: { ...json, 'content-encoding': 'br' },
    body: new Uint8Array(brotliCompressSync('[]')),
    answer: trackFailure(415, /Content-Encoding is not supported/),
  },
  {
    name: 'a form bomb',
    path: '/track',
    headers: { ...formType, ...gzipped },
    body: new Uint8Array(gzipSync(`data=${'x'.repeat(11_000_000)}`)),
    answer: trackFailure(413, /10485760 bytes/),
  },
  {
    name: 'an escape that is no UTF-8',
    method: 'GET',
    path: '/track?data=%ff',
    answer: trackFailure(400, /not valid UTF-8/),
  },
  {
    name: 'base64 of text that is no UTF-8',
    path: '/track',
    headers: formType,
    body: form({ data: Buffer.from([0x7b, 0xff, 0x7d]).toString('base64') }),
    answer: trackFailure(400, /not valid UTF-8/),
  },
  {
    name: 'tokens of fifty-one projects',
    path: '/track',
    headers: json,
    body: JSON.stringify(
      Array.from({ length: 51 }, (_, index) => ({ event: 'e', properties: { token: `t${index}` } })),
    ),
    answer: trackFailure(413, /50 different tokens/),
  },
  {
    name: 'one token of nobody among others',
    path: '/track?verbose=1',
    headers: json,
    body: JSON.stringify([tracked, { event: 'e', properties: { token: "' or 1=1 --" } }]),
    answer: verboseZero(/event 1: 'properties.token' is invalid.*1 of 2 refused/),
    events: 1,
  },
  {
    name: 'a parameter twice: the first counts',
    method: 'GET',
    path: `/track?verbose=0&verbose=1&data=${data}`,
    answer: one,
    events: 1,
  },
  {
    name: 'a token that is __proto__',
    path: '/track?verbose=1',
    headers: json,
    body: JSON.stringify([{ event: 'e', properties: { token: '__proto__' } }]),
    answer: verboseZero(/'properties.token' is invalid/),
  },
  {
    name: 'CESU-8 in base64, as browsers make it',
    path: '/track',
    headers: formType,
    body: form({
      data: Buffer.from([
        ...Buffer.from(`{"event":"e","properties":{"token":"${token}","a":"`),
        0xed,
        0xa0,
        0xbd,
        0xed,
        0xb9,
        0x88,
        ...Buffer.from('"}}'),
      ]).toString('base64'),
    }),
    answer: one,
    events: [{ event: 'e', properties: { a: '🙈' } }],
  },
].map((request) => ({ source: 'reference, Track Events: data; RFC 4648', ...request }))

const profiles: IngestRequest[] = [
  {
    name: 'a profile whose property is __proto__',
    source: json8259,
    path: '/engage',
    headers: json,
    body: `{"$token":"${token}","$distinct_id":"ann","$set":{"__proto__":{"a":1},"b":2}}`,
    answer: one,
    updates: 1,
  },
  {
    name: 'a profile whose id has a NUL',
    source: json8259,
    path: '/engage?verbose=1',
    headers: json,
    body: `{"$token":"${token}","$distinct_id":"a\\u0000b","$set":{}}`,
    answer: verboseZero(/'\$distinct_id' is invalid/),
  },
  {
    name: 'a profile whose $add is beyond every double',
    source: json8259,
    path: '/engage?verbose=1',
    headers: json,
    body: `{"$token":"${token}","$distinct_id":"ann","$add":{"n":1e999}}`,
    answer: verboseZero(/'\$add' is invalid/),
  },
]

const notServed = (method: string, path: string): IngestRequest => ({
  name: `not served: ${method} ${path}`,
  source: 'reference, Ingestion API: what is not taken here, or not by this method',
  method,
  path,
  headers: basic(secret),
  answer: {
    status: 404,
    type: 'application/json',
    body: /^\{"error":"\w+ \/[\w/-]* is not served here","status":"error"\}$/,
  },
})

export const hostileRequests: IngestRequest[] = [
  ...kept,
  ...refused,
  ...whole,
  ...callbacks,
  ...track,
  ...profiles,
  notServed('GET', '/lookup-tables'),
  notServed('PUT', '/lookup-tables/abc'),
  notServed('PUT', '/track'),
  notServed('DELETE', '/import'),
  notServed('PATCH', '/engage'),
  notServed('POST', '/tracks'),
  notServed('POST', '/import/events'),
]
