import { expect, test } from 'vitest'
import { chooseTimeZone, makeCalendar } from '../../demo/days.ts'
import { sentTimeMs } from '../../demo/expected-event.ts'
import type { Bucket, BucketObject } from '../../demo/read-bucket.ts'
import { verify } from '../../demo/verify.ts'
import {
  bucketObject,
  demoExpectation,
  demoSendings,
  emptyDay,
  objectOf,
  ordinaryDay,
  packLines,
  rightBucket,
  unpackLines,
} from '../support/demo-bucket.ts'

const expectation = demoExpectation()
const fileKey = `${ordinaryDay}part-1.json.gz`

test('a right bucket has no differences', () => {
  expect(verify(expectation, rightBucket(expectation))).toEqual([])
})

test('a day may be in several files', () => {
  const bucket = rightBucket(expectation)
  const file = objectOf(bucket, fileKey)
  const lines = unpackLines(file)
  file.body = packLines(lines.slice(0, 700))
  bucket.objects.push(bucketObject(`${ordinaryDay}part-2.json.gz`, packLines(lines.slice(700))))
  expect(verify(expectation, bucket)).toEqual([])
})

/** Each spoils one thing in a right bucket, and says how every difference that comes of it reads. */
const harms: Record<string, { spoil: (bucket: Bucket) => void; seen: RegExp }> = {
  'a changed user': { spoil: editFirstLine('"user-\\d+"', '"nobody"'), seen: /was not sent for|is missing/ },
  'a changed set of properties': {
    spoil: editFirstLine('"properties":{', '"properties":{"more":1,'),
    seen: /not as it was sent/,
  },
  'a wrong time of arrival': {
    spoil: editFirstLine('"mp_processing_time_ms":\\d+', '"mp_processing_time_ms":1'),
    seen: /not as it was sent/,
  },
  'a changed time': {
    spoil: editFirstLine('"time":\\d+', '"time":1700000000'),
    seen: /was not sent for|is missing/,
  },
  'a lost line': { spoil: editLines((lines) => lines.slice(1)), seen: /is missing$/ },
  'a doubled line': { spoil: editLines((lines) => [...lines, ...lines.slice(0, 1)]), seen: /is there twice/ },
  'a line that is no event': {
    spoil: editLines((lines) => [...lines, '{"a":1}']),
    seen: /is not an exported event/,
  },
  'a cut file': {
    spoil: edit(fileKey, ({ body }) => ({ body: body.slice(0, -10) })),
    seen: /not a gzip|is missing/,
  },
  'another content type': {
    spoil: edit(fileKey, () => ({ contentType: 'text/plain' })),
    seen: /Content-Type/,
  },
  'an object that is not encrypted': {
    spoil: edit(fileKey, () => ({ encryption: undefined })),
    seen: /is none, not/,
  },
  'a marker under another encryption': {
    spoil: edit(`${emptyDay}complete`, () => ({ encryption: 'aws:kms' })),
    seen: /is aws:kms, not/,
  },
  'a marker that is not empty': {
    spoil: edit(`${emptyDay}complete`, () => ({ body: Buffer.from('!') })),
    seen: /has 1 bytes, not none/,
  },
  'a lost file': { spoil: remove(fileKey), seen: /is missing$/ },
  'a lost marker': { spoil: remove(`${emptyDay}complete`), seen: /complete is missing/ },
  'a file written after its marker': {
    spoil: ({ changes }) => changes.push({ action: 'PutObject', key: fileKey }),
    seen: /complete was not written last/,
  },
  'a file deleted after its marker': {
    spoil: ({ changes }) => changes.push({ action: 'DeleteObject', key: `${ordinaryDay}part-9.json.gz` }),
    seen: /complete was not written last/,
  },
  'a file without events': { spoil: add(`${emptyDay}part-1.json.gz`, []), seen: /has no events/ },
  'an event in the empty day': { spoil: addCopy(`${emptyDay}part-1.json.gz`), seen: /was not sent for/ },
  'a folder of today': {
    spoil: addCopy('test/1/2026/11/24/full_day/part-1.json.gz'),
    seen: /nothing should be/,
  },
  "another project's folder": {
    spoil: addCopy('test/2/2026/11/20/full_day/part-1.json.gz'),
    seen: /nothing should be/,
  },
  'an object that is no data file': { spoil: add(`${ordinaryDay}notes.txt`, []), seen: /is not a gzip file/ },
}

test.each(Object.entries(harms))('%s is seen', (_name, { spoil, seen }) => {
  const bucket = rightBucket(expectation)
  spoil(bucket)
  const differences = verify(expectation, bucket)
  expect(differences.length).toBeGreaterThan(0)
  expect(differences.filter((difference) => !seen.test(difference))).toEqual([])
})

test('the same seed makes the same events, with repeats and latecomers', () => {
  const { imports, tracks } = demoSendings()
  expect(demoSendings()).toEqual({ imports, tracks })
  const times = imports.flat().map(sentTimeMs)
  expect(times).not.toEqual(times.toSorted((a, b) => a - b))
  const ids = tracks.flat().map((event) => event.properties.$insert_id)
  expect(new Set(ids).size).toBeLessThan(ids.length)
})

test.each([
  ['at noon', '2026-11-24T20:00:00Z', 'America/Los_Angeles'],
  ['a second before midnight in Los Angeles', '2026-11-24T07:59:59Z', 'Europe/Berlin'],
  ['between midnight and 00:30 in Los Angeles', '2026-11-24T08:10:00Z', 'Europe/Berlin'],
  ['in the night in which the clocks go back', '2026-11-01T10:00:00Z', 'America/Los_Angeles'],
  ['in the night in which the clocks go forward', '2026-03-08T10:30:00Z', 'America/Los_Angeles'],
])('%s the project has a zone whose day neither began nor ends within the hour', (_when, now, zone) => {
  const nowMs = Date.parse(now)
  expect(chooseTimeZone(nowMs)).toBe(zone)
  const { today, past } = makeCalendar(nowMs, 5)
  expect(nowMs - today.startMs).toBeGreaterThanOrEqual(3_600_000)
  expect(today.endMs - nowMs).toBeGreaterThanOrEqual(3_600_000)
  expect(past.at(-1)?.endMs).toBe(today.startMs)
})

function edit(key: string, change: (object: BucketObject) => Partial<BucketObject>) {
  return (bucket: Bucket) => {
    const object = objectOf(bucket, key)
    Object.assign(object, change(object))
  }
}

function editLines(change: (lines: string[]) => string[]) {
  return edit(fileKey, (object) => ({ body: packLines(change(unpackLines(object))) }))
}

function editFirstLine(pattern: string, text: string) {
  return editLines(([first = '', ...others]) => {
    const changed = first.replace(new RegExp(pattern), text)
    if (changed === first) throw new Error(`${pattern} is not in ${first}`)
    return [changed, ...others]
  })
}

function add(key: string, lines: string[]) {
  return ({ objects }: Bucket) => void objects.push(bucketObject(key, packLines(lines)))
}

function addCopy(key: string) {
  return (bucket: Bucket) => add(key, unpackLines(objectOf(bucket, fileKey)).slice(0, 1))(bucket)
}

function remove(key: string) {
  return (bucket: Bucket) => {
    bucket.objects = bucket.objects.filter((object) => object !== objectOf(bucket, key))
  }
}
