/** Requests of fuzzed records: in every spelling that is taken, and with damage. */
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { FuzzRecord } from './fuzz-records.ts'

export interface FuzzRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: Uint8Array<ArrayBuffer> | null
  /** In their order. */
  records: FuzzRecord[]
  /** Nothing is promised of a damaged request but an answer. */
  damaged: boolean
}

/** How the records become text. */
type Layout = (records: FuzzRecord[]) => string

const asArray: Layout = (records) => `[${records.map(({ text }) => text).join(',')}]`
const asSpacedArray: Layout = (records) => ` [\n${records.map(({ text }) => text).join(' ,\n')}\n]\n`
// What begins with a bracket is an array: a first line must not.
const asLines: Layout = (records) => ['{}', ...records.map(({ text }) => text)].join('\n')

interface Spelling {
  layout: Layout
  write(text: string): Pick<FuzzRequest, 'method' | 'path' | 'headers' | 'body'>
  /** Records that the layout adds. */
  added: number
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const jsonType = { 'content-type': 'application/json' }
const formType = { 'content-type': 'application/x-www-form-urlencoded' }
const base64 = (text: string) => encodeURIComponent(Buffer.from(text).toString('base64'))

/** @param authorization header of the project */
export function importSpellings(authorization: string): Spelling[] {
  const post = (type: Record<string, string>, path: string) => (text: string) => ({
    method: 'POST',
    path,
    headers: { ...type, authorization },
    body: bytes(text),
  })
  const ndjson = { 'content-type': 'application/x-ndjson' }
  return [
    { layout: asArray, write: post(jsonType, '/import?strict=1'), added: 0 },
    { layout: asSpacedArray, write: post(ndjson, '/import?strict=1'), added: 0 },
    { layout: asLines, write: post(ndjson, '/import?strict=1'), added: 1 },
    { layout: asArray, write: post(jsonType, '/import'), added: 0 },
  ]
}

/** The same at /track, /engage and /groups. */
export function trackSpellings(path: string): Spelling[] {
  const post = (type: Record<string, string>, write: (text: string) => string) => (text: string) => ({
    method: 'POST',
    path: `${path}?verbose=1`,
    headers: type,
    body: bytes(write(text)),
  })
  return [
    { layout: asArray, write: post(jsonType, (text) => text), added: 0 },
    { layout: asSpacedArray, write: post(formType, (text) => text), added: 0 },
    { layout: asArray, write: post(formType, (text) => `data=${encodeURIComponent(text)}`), added: 0 },
    { layout: asArray, write: post(formType, (text) => `data=${base64(text)}&verbose=1`), added: 0 },
    {
      layout: asArray,
      write: post({ 'content-type': 'text/plain' }, (text) => `data=${base64(text)}`),
      added: 0,
    },
  ]
}

type Damage = (request: FuzzRequest) => FuzzRequest

/** `records` written in one of the spellings, sometimes packed, sometimes damaged. */
export function fuzzRequest(
  records: fc.Arbitrary<FuzzRecord[]>,
  spellings: Spelling[],
): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      records,
      spelling: fc.constantFrom(...spellings),
      pack: fc.constantFrom<Damage>(asItIs, asItIs, packed('gzip', gzipSync), packed('deflate', deflateSync)),
      damages: fc.oneof(
        { weight: 3, arbitrary: fc.constant<Damage[]>([]) },
        { weight: 2, arbitrary: fc.array(damage, { minLength: 1, maxLength: 3 }) },
      ),
      damageFirst: fc.boolean(),
    })
    .map(({ records, spelling, pack, damages, damageFirst }) => {
      const text = spelling.layout(records)
      const added = Array.from({ length: spelling.added }, () => ({ text: '{}', owner: undefined }))
      const request = { ...spelling.write(text), records: [...added, ...records], damaged: false }
      // Damage before packing reaches the parser, damage behind it the inflater.
      const steps = damageFirst ? [...damages, pack] : [pack, ...damages]
      return steps.reduce((changed, step) => step(changed), request)
    })
}

const asItIs: Damage = (request) => request

function packed(encoding: string, pack: (body: Uint8Array) => Uint8Array): Damage {
  return (request) => ({
    ...request,
    headers: { ...request.headers, 'content-encoding': encoding },
    body: new Uint8Array(pack(request.body ?? new Uint8Array())),
  })
}

const share = fc.double({ min: 0, max: 1, noNaN: true })

function onBody(change: (body: Uint8Array) => Uint8Array): Damage {
  return (request) => ({
    ...request,
    damaged: true,
    body: new Uint8Array(change(request.body ?? new Uint8Array())),
  })
}

function withByte(body: Uint8Array, at: number, byte: number): Uint8Array {
  return body.length === 0 ? body : body.with(Math.min(body.length - 1, Math.floor(at * body.length)), byte)
}

const damage: fc.Arbitrary<Damage> = fc.oneof(
  share.map((at) => onBody((body) => body.subarray(0, Math.floor(at * body.length)))),
  fc
    .tuple(share, fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => onBody((body) => withByte(body, at, byte))),
  fc.tuple(share, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, inserted]) =>
    onBody((body) => {
      const place = Math.floor(at * body.length)
      return Buffer.concat([body.subarray(0, place), inserted, body.subarray(place)])
    }),
  ),
  fc.tuple(share, share).map(([from, to]) =>
    onBody((body) => {
      const piece = body.subarray(Math.floor(from * body.length), Math.floor(to * body.length))
      return Buffer.concat([body, piece])
    }),
  ),
  fc
    .tuple(share, fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '\0', '\n', '%', '&', '=', '+'))
    .map(([at, character]) => onBody((body) => withByte(body, at, character.charCodeAt(0)))),
  fc
    .constantFrom<Record<string, string>>(
      { 'content-type': 'application/json' },
      { 'content-type': 'application/x-ndjson' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'text/plain; charset=utf-16' },
      { 'content-type': 'multipart/form-data' },
      { 'content-encoding': 'gzip' },
      { 'content-encoding': 'deflate' },
      { 'content-encoding': 'br' },
      { 'content-encoding': 'zstd' },
      { authorization: 'Basic :' },
    )
    .map((headers) => (request: FuzzRequest) => ({
      ...request,
      damaged: true,
      headers: { ...request.headers, ...headers },
    })),
  fc
    .constantFrom(
      '&strict=2',
      '&verbose=x',
      '&callback=a(',
      '&project_id=18',
      '&data=%ff',
      '&data=W10',
      '&img=1',
      '&ip=1',
    )
    .map((more) => (request: FuzzRequest) => ({
      ...request,
      damaged: true,
      path: `${request.path}${request.path.includes('?') ? '' : '?'}${more}`,
    })),
  fc.constantFrom('{},', '[[],', ' ', '"\\u0041",').map((unit) => bomb(unit)),
)

/** A few kilobytes that become many megabytes, where anybody lets them. */
function bomb(unit: string): Damage {
  return (request) => ({
    ...request,
    damaged: true,
    headers: { ...request.headers, 'content-encoding': 'gzip' },
    body: bombOf(unit),
  })
}

const bombs = new Map<string, Uint8Array<ArrayBuffer>>()

/** Made once: what the fuzzer itself takes must not hide what the server takes. */
function bombOf(unit: string): Uint8Array<ArrayBuffer> {
  const text = () => Buffer.concat([Buffer.from('['), Buffer.alloc(12 * 1024 * 1024, unit)])
  const made = bombs.get(unit) ?? new Uint8Array(gzipSync(text(), { level: 1 }))
  bombs.set(unit, made)
  return made
}
