/** A bucket as the demo should find it, to be spoilt by tests. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { makeCalendar } from '../../demo/days.ts'
import { makeEvents, pastDays, type SentEvent } from '../../demo/events.ts'
import { createDateOf, expectedEvent, sentTimeMs } from '../../demo/expected-event.ts'
import type { Bucket, BucketObject } from '../../demo/read-bucket.ts'
import { planSendings, type Sendings } from '../../demo/sendings.ts'
import type { Expectation } from '../../demo/verify.ts'

const nowMs = Date.parse('2026-11-24T20:00:00Z')
const receivedMs = nowMs + 1000

export const ordinaryDay = 'test/1/2026/11/20/full_day/'
export const emptyDay = 'test/1/2026/11/21/full_day/'

export function demoSendings(): Sendings {
  return planSendings(makeEvents(makeCalendar(nowMs, pastDays), nowMs), '0123456789abcdef0123456789abcdef')
}

export function demoExpectation(): Expectation {
  const { timeZone, past } = makeCalendar(nowMs, pastDays)
  const { imports, tracks } = demoSendings()
  return {
    root: 'test/1/',
    timeZone,
    dates: past.map((day) => day.date),
    sent: [...imports, ...tracks].flat(),
    receivedDuring: { fromMs: nowMs, untilMs: nowMs + 2000 },
  }
}

/** What Penstock should make of the events, one file a day. */
export function rightBucket({ timeZone, sent, dates }: Expectation): Bucket {
  const dateOf = createDateOf(timeZone)
  const distinct = new Map(sent.map((event) => [event.properties.$insert_id, event]))
  const byDate = Map.groupBy(distinct.values(), (event) => dateOf(sentTimeMs(event)))
  const objects = dates.flatMap((date) => {
    const folder = `test/1/${date.replaceAll('-', '/')}/full_day/`
    const lines = byDate.get(date)?.map(exportedLine)
    const file = lines === undefined ? [] : [bucketObject(`${folder}part-1.json.gz`, packLines(lines))]
    return [...file, bucketObject(`${folder}complete`, new Uint8Array())]
  })
  return { objects, changes: objects.map(({ key }) => ({ action: 'PutObject', key })) }
}

function exportedLine(sent: SentEvent): string {
  const { event, properties } = expectedEvent(sent)
  return JSON.stringify({ event, properties: { ...properties, mp_processing_time_ms: receivedMs } })
}

export function bucketObject(key: string, body: Uint8Array): BucketObject {
  return { key, body, contentType: 'application/json', encryption: 'AES256' }
}

export function packLines(lines: string[]): Uint8Array {
  return gzipSync(lines.map((line) => `${line}\n`).join(''))
}

export function unpackLines({ body }: BucketObject): string[] {
  return gunzipSync(body).toString().split('\n').slice(0, -1)
}

/** The one with this key; a test that misspells it must not pass. */
export function objectOf({ objects }: Bucket, key: string): BucketObject {
  const found = objects.find((object) => object.key === key)
  if (found === undefined) throw new Error(`there is no ${key}`)
  return found
}
