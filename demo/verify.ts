/** Holds a bucket against what was sent. */
import type { SentEvent } from './events.ts'
import { createDateOf, sentTimeMs } from './expected-event.ts'
import type { Bucket, BucketObject } from './read-bucket.ts'
import { readLines } from './read-lines.ts'
import { type ReceivedDuring, verifyEvents } from './verify-events.ts'

export interface Expectation {
  /** What stands before the dates in keys: `<prefix>/<project id>/`. */
  root: string
  timeZone: string
  /** Days that must be there, `YYYY-MM-DD`, and no others. */
  dates: string[]
  /** Every event that was acknowledged, as often as it was sent. */
  sent: SentEvent[]
  receivedDuring: ReceivedDuring
}

/** @returns every difference, in words; nothing when the bucket holds exactly what it must */
export function verify(expectation: Expectation, bucket: Bucket): string[] {
  const dateOf = createDateOf(expectation.timeZone)
  const sentByDate = Map.groupBy(expectation.sent, (event) => dateOf(sentTimeMs(event)))
  const folders = new Map(
    expectation.dates.map((date) => [folderOf(expectation.root, date), sentByDate.get(date) ?? []]),
  )
  const byFolder = Map.groupBy(bucket.objects, ({ key }) => key.slice(0, key.lastIndexOf('/') + 1))
  const strays = [...byFolder.keys()].filter((folder) => !folders.has(folder))
  return [
    ...strays.map((folder) => `${folder}: nothing should be here`),
    ...bucket.objects.flatMap(verifyEncryption),
    ...[...folders].flatMap(([folder, sent]) => {
      const objects = byFolder.get(folder) ?? []
      return [
        ...verifyMarker(folder, objects, bucket),
        ...verifyFiles(folder, objects, sent, expectation.receivedDuring),
      ]
    }),
  ]
}

function folderOf(root: string, date: string): string {
  return `${root}${date.replaceAll('-', '/')}/full_day/`
}

function verifyEncryption({ key, encryption }: BucketObject): string[] {
  return encryption === 'AES256' ? [] : [`${key}: encryption is ${encryption ?? 'none'}, not AES256`]
}

function verifyMarker(folder: string, objects: BucketObject[], { changes }: Bucket): string[] {
  const key = `${folder}complete`
  const marker = objects.find((object) => object.key === key)
  if (marker === undefined) return [`${key} is missing`]
  const last = changes.findLast((change) => change.key.startsWith(folder))
  return [
    ...(marker.body.length === 0 ? [] : [`${key} has ${marker.body.length} bytes, not none`]),
    ...(last?.key === key ? [] : [`${key} was not written last, but ${last?.key ?? 'nothing was seen'}`]),
  ]
}

function verifyFiles(
  folder: string,
  objects: BucketObject[],
  sent: SentEvent[],
  during: ReceivedDuring,
): string[] {
  const files = objects.filter(({ key }) => key !== `${folder}complete`)
  const read = files.map((file) => ({ file, lines: readLines(file) }))
  const unread = read.flatMap(({ file, lines }) => {
    if (lines === undefined) return [`${file.key} is not a gzip file of lines named .json.gz`]
    return lines.length === 0 ? [`${file.key} has no events: it should not be there`] : []
  })
  const types = files.filter((file) => file.contentType !== 'application/json')
  const lines = read.flatMap((one) => one.lines ?? [])
  return [
    ...unread,
    ...types.map((file) => `${file.key}: Content-Type is ${file.contentType}, not application/json`),
    ...verifyEvents(lines, sent, during).map((difference) => `${folder}: ${difference}`),
  ]
}
