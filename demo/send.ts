/** Sends events over HTTP, in the two ways that Penstock takes them. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { z } from 'zod'
import type { SentEvent } from './events.ts'
import { requestJson } from './request-json.ts'

const importAnswer = z.object({ code: z.literal(200), num_records_imported: z.number() })
const trackAnswer = z.object({ status: z.literal(1) })

export interface Api {
  url: string
  apiSecret: string
  signal: AbortSignal
}

/** As a server does it: lines of JSON, packed, with the API secret. */
export async function sendImport({ url, apiSecret, signal }: Api, events: SentEvent[]): Promise<void> {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const answer = await requestJson(importAnswer, `${url}/import?strict=1`, {
    method: 'POST',
    headers: {
      authorization: basicAuthorization(apiSecret),
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
    },
    body: await promisify(gzip)(lines),
    signal,
  })
  if (answer.num_records_imported === events.length) return
  throw new Error(`/import took ${answer.num_records_imported} of ${events.length} events`)
}

/** As a browser's SDK does it: a form with base64 of JSON; the project's token is in each event. */
export async function sendTrack({ url, signal }: Api, events: SentEvent[]): Promise<void> {
  const data = Buffer.from(JSON.stringify(events)).toString('base64')
  await requestJson(trackAnswer, `${url}/track?verbose=1`, {
    method: 'POST',
    body: new URLSearchParams({ data }),
    signal,
  })
}

/** A secret as user name, with an empty password. */
export function basicAuthorization(apiSecret: string): string {
  return `Basic ${Buffer.from(`${apiSecret}:`).toString('base64')}`
}
