/** A shop's site with the official browser SDK, and what its pages sent through a proxy. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { RecordingProxy } from './recording-proxy.ts'

const sdkFolder = join(import.meta.dirname, '../../node_modules/mixpanel-browser/dist')
const scripts: Record<string, string> = {
  '/sdk.js': 'mixpanel.umd.js',
  '/recorder.js': 'mixpanel-recorder.min.js',
}
const html = `<!doctype html><html lang="en"><head><title>Shop</title><script src="/sdk.js"></script></head>
  <body><h1>Shop</h1><button id="buy">Buy</button><a href="/next">Next</a>
  <form id="search" onsubmit="return false"><input id="query" name="query"><button id="find">Find</button></form>
  <div style="height: 5000px">Much</div></body></html>`

export interface SdkSite {
  url: string
  close(): void
}

/** Each of its pages is the same. */
export async function startSdkSite(): Promise<SdkSite> {
  const server = createServer(async (request, answer) => {
    const script = scripts[request.url ?? '']
    answer.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
    answer.end(script === undefined ? html : await readFile(join(sdkFolder, script)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

export interface SentRecord {
  event?: string
  properties?: Record<string, unknown>
}

/** The records in the requests to a path that were taken. */
export function sentRecords(proxy: RecordingProxy, path: string): SentRecord[] {
  const requests = proxy.passed.filter(
    (sent) => sent.path.startsWith(path) && sent.method !== 'OPTIONS' && sent.status === 200,
  )
  return requests.flatMap(({ path: asked, method, body }) => {
    const form = new URLSearchParams(method === 'GET' ? asked.slice(asked.indexOf('?')) : body)
    const data = form.get('data') ?? body
    const json = /^\s*[[{]/.test(data) ? data : decodeHalves(Buffer.from(data, 'base64'))
    return [JSON.parse(json)].flat() as SentRecord[]
  })
}

/** This SDK writes characters beyond U+FFFF as two of three bytes. */
function decodeHalves(bytes: Buffer): string {
  const half = /\xed([\xa0-\xbf])([\x80-\xbf])/g
  const unit = (_: string, second: string, third: string) =>
    `\\u${(0xd000 | ((second.charCodeAt(0) & 0x3f) << 6) | (third.charCodeAt(0) & 0x3f)).toString(16)}`
  return Buffer.from(bytes.toString('latin1').replace(half, unit), 'latin1').toString()
}

/** Events by their `$insert_id`: what a client sends again is one. */
export function eventsById(events: SentRecord[]): Map<string, SentRecord> {
  return new Map(events.map((event) => [String(event.properties?.$insert_id), event]))
}

/** Name, time in milliseconds and all other properties of an event, but for what is stamped on its way. */
export function deliveredForm({ event, properties = {} }: SentRecord): unknown {
  const { mp_processing_time_ms: _, mp_event_time_ms: ms, time, ...rest } = properties
  const timeMs = Number(time) > 1e11 ? Number(time) : Math.round(Number(time) * 1000)
  return { event, timeMs: Number(ms ?? timeMs), ...rest }
}
