/** One request as a client sends it, where that is known from, and what it must get back. */
import { gzipSync } from 'node:zlib'
import { acme } from '../ingest-server.ts'

/**
 * What the server is like: `open`, as always; `rate spent`, where every project has used up its bytes; `store away`, where
 * nothing can be kept just now.
 */
export type World = 'open' | 'rate spent' | 'store away'

export interface Answer {
  status: number
  /** Without parameters. */
  type: string
  /** The whole body, or what it must match. */
  body: string | RegExp | Buffer
  headers?: Record<string, string>
}

export interface IngestRequest {
  name: string
  /** The SDK's file and function, or the reference's page, that the request or its answer is known from. */
  source: string
  world?: World
  /** POST unless it says otherwise. */
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
  answer: Answer
  /** Events that it stores: how many, or what they hold at least. */
  events?: number | StoredEvent[]
  /** Updates of profiles that it makes: how many, or what they hold at least. */
  updates?: number | object[]
}

interface StoredEvent {
  event: string
  properties: Record<string, unknown>
}

/** The server's clock: 2026-03-04, noon in UTC. */
export const nowSeconds = 1_772_625_600
export const nowMs = nowSeconds * 1000

export const { token, secret } = acme
/** A service account that is admin of the project. */
export const account = { username: 'robot.012345.mp-service-account', secret: 'c'.repeat(32) }

const answer = (status: number, type: string, body: Answer['body']): Answer => ({ status, type, body })

export const one = answer(200, 'text/plain', '1')
export const zero = answer(200, 'text/plain', '0')
export const verboseOne = answer(200, 'application/json', '{"status":1,"error":null}')
export const verboseZero = (error: RegExp) =>
  answer(200, 'application/json', new RegExp(`^\\{"status":0,"error":".*${error.source}.*"\\}$`))
/** A transparent GIF of one pixel. */
export const pixel = answer(
  200,
  'image/gif',
  Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
)
export const script = (body: string) => answer(200, 'text/javascript', body)

export const imported = (count: number) =>
  answer(200, 'application/json', `{"code":200,"num_records_imported":${count},"status":"OK"}`)

/** The answer of strict /import where one event is refused. */
export function importRefused(
  count: number,
  index: number,
  insertId: string,
  field: string,
  message: RegExp,
) {
  const head = `{"code":400,"error":"some data points in the request failed validation","failed_records":[{"index":${index},"$insert_id":${JSON.stringify(insertId)},"field":"${field}","message":"`
  const tail = `"}],"num_records_imported":${count},"status":"Bad Request"}`
  return answer(
    400,
    'application/json',
    new RegExp(`^${escapeRegExp(head)}.*${message.source}.*${escapeRegExp(tail)}$`),
  )
}

/** A whole request of /import that is refused: the reference's order of keys. */
export function importFailure(status: number, error: RegExp, phrase: string) {
  return answer(
    status,
    'application/json',
    new RegExp(`^\\{"code":${status},"error":".*${error.source}.*","status":"${phrase}"\\}$`),
  )
}

/** A whole request of the other addresses that is refused. */
export const trackFailure = (status: number, error: RegExp) =>
  answer(status, 'application/json', new RegExp(`^\\{"status":0,"error":".*${error.source}.*"\\}$`))

function escapeRegExp(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')
}

export const json = { 'content-type': 'application/json' }
export const ndjson = { 'content-type': 'application/x-ndjson' }
export const formType = { 'content-type': 'application/x-www-form-urlencoded' }
export const gzipped = { 'content-encoding': 'gzip' }

export const basic = (user: string, password = '') => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
export const gzip = (text: string) => new Uint8Array(gzipSync(text))
export const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
/** As `URLSearchParams` and most languages' libraries write a form. */
export const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

/** An event as it is stored: whole seconds, no address. */
export function asStored({ event, properties }: { event: string; properties: Record<string, unknown> }) {
  const { time = nowSeconds, ip: _, ...rest } = properties
  const ms = Number(time) > 1e11 ? Math.floor(Number(time)) : Math.floor(Number(time) * 1000 + 0.0005)
  const finer = ms % 1000 === 0 ? {} : { mp_event_time_ms: ms }
  return { event, properties: { ...rest, time: Math.floor(ms / 1000), ...finer } }
}
