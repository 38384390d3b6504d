import { expect, test } from 'vitest'
import { BatchBuilder } from './batch-builder.ts'
import { cutStrings } from './cut-strings.ts'
import { importTimeRules } from './event-time.ts'
import { takeParsedBody } from './take-parsed-body.ts'

const nowMs = 1_700_000_000_000
const options = {
  rules: { time: importTimeRules(nowMs), idsRequired: true, tokenRequired: false },
  nowMs,
  newInsertId: () => 'never asked for',
  findPlace: undefined,
}

/** The stored lines of events with these properties, as JSON, cut. */
function cutLines(...properties: string[]): string[] {
  const events = properties.map(
    (members, index) =>
      `{"event":"e","properties":{"time":1699999999,"distinct_id":"u","$insert_id":"i-${index}",${members}},"more":"${'m'.repeat(300)}"}`,
  )
  const { builder } = takeParsedBody(Buffer.from(`[${events}]`), 'application/json', options)
  const columns = builder.finish()
  const { timesMs, nameIndexes, dedupKeys } = columns
  const cut = cutStrings(columns)
  expect(cut).toMatchObject({ count: properties.length, timesMs, nameIndexes, dedupKeys })
  const text = Buffer.from(cut.lines).toString()
  const lines = text.trimEnd().split('\n')
  expect([...cut.lineEnds]).toEqual(
    lines.map((_, index) => Buffer.byteLength(`${lines.slice(0, index + 1).join('\n')}\n`)),
  )
  return lines
}

const before = '{"event":"e","properties":{"time":1699999999,"distinct_id":"u","$insert_id":"i-0",'
const after = `,"mp_processing_time_ms":${nowMs}},"more":"${'m'.repeat(300)}"}`

test.each<[string, string, string]>([
  ['255 characters stay', `"a":"${'x'.repeat(255)}"`, `"a":"${'x'.repeat(255)}"`],
  ['the 256th goes', `"a":"${'x'.repeat(256)}"`, `"a":"${'x'.repeat(255)}"`],
  ['characters count, not bytes', `"a":"${'é'.repeat(300)}"`, `"a":"${'é'.repeat(255)}"`],
  ['nor halves of them', `"a":"${'🙈'.repeat(300)}"`, `"a":"${'🙈'.repeat(255)}"`],
  [
    'in lists and objects',
    `"a":[["${'x'.repeat(300)}"],{"b":"${'y'.repeat(999)}"}]`,
    `"a":[["${'x'.repeat(255)}"],{"b":"${'y'.repeat(255)}"}]`,
  ],
  ['keys stay', `"${'k'.repeat(300)}":1`, `"${'k'.repeat(300)}":1`],
  [
    'numbers keep their digits',
    '"n":12345678901234567890,"o":[1e400],"p":0.5',
    '"n":12345678901234567890,"o":[1e400],"p":0.5',
  ],
  [
    '__proto__ is a property',
    `"__proto__":{"a":"${'x'.repeat(300)}"}`,
    `"__proto__":{"a":"${'x'.repeat(255)}"}`,
  ],
])('%s', (_name, sent, kept) => {
  expect(cutLines(sent)).toEqual([before + kept + after])
})

test('ids stay whole: cut, two would be one', () => {
  const id = 'u'.repeat(300)
  const body = `{"event":"e","properties":{"time":1699999999,"distinct_id":"${id}","$insert_id":"i-0"}}`
  const { builder } = takeParsedBody(Buffer.from(body), 'application/json', options)
  expect(Buffer.from(cutStrings(builder.finish()).lines).toString()).toContain(`"distinct_id":"${id}"`)
})

test('each event is cut for itself, and none is no trouble', () => {
  expect(cutLines('"a":1', `"a":"${'x'.repeat(256)}"`, '"a":"short"')).toHaveLength(3)
  expect(cutStrings(new BatchBuilder(0).finish()).count).toBe(0)
})
