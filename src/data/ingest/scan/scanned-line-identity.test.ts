import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodiesNowMs, importBodies } from '../../../../test/support/import-bodies.ts'
import { importTimeRules } from '../event-time.ts'
import { lineIdentity } from '../line-identity.ts'
import { takeParsedBody } from '../take-parsed-body.ts'
import { createLineIdentity } from './scanned-line-identity.ts'

const options = {
  rules: { time: importTimeRules(bodiesNowMs), idsRequired: true, tokenRequired: false },
  nowMs: bodiesNowMs,
  newInsertId: () => 'never asked for',
  findPlace: undefined,
}

function expectSameIdentities(lines: Uint8Array, ends: Iterable<number>): void {
  const identityOf = createLineIdentity(lines)
  let from = 0
  for (const to of ends) {
    expect(identityOf(from, to)).toBe(lineIdentity(lines.subarray(from, to)))
    from = to
  }
}

function storedLines(body: Uint8Array, contentType: string) {
  try {
    return takeParsedBody(body, contentType, options).builder.finish()
  } catch (cause) {
    expect(cause).toHaveProperty('kind', 'caller')
    return undefined
  }
}

test('the identity of any stored line is what parsing it gives', () => {
  fc.assert(
    fc.property(importBodies, ({ bytes, contentType }) => {
      const stored = storedLines(bytes, contentType)
      if (stored !== undefined) expectSameIdentities(stored.lines, stored.lineEnds)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['what ingest writes', { time: 1_700_000_000, distinct_id: 'u', $insert_id: 'i-1' }],
  [
    'milliseconds',
    { time: 1_700_000_000, distinct_id: 'u', $insert_id: 'i', mp_event_time_ms: 1_700_000_000_250 },
  ],
  ['no ids', { time: 1_700_000_000 }],
  ['ids that are null', { time: 1_700_000_000, distinct_id: null, $insert_id: null }],
  ['an id that is a number', { time: 1_700_000_000, distinct_id: 42, $insert_id: 'i' }],
  ['an id of more digits than a number holds', { time: 1_700_000_000, distinct_id: '#', $insert_id: 'i' }],
  ['an id with escapes', { time: 1_700_000_000, distinct_id: 'a"\\\n', $insert_id: 'i' }],
  ['an id beyond ASCII', { time: 1_700_000_000, distinct_id: 'Zoë 🚰', $insert_id: 'i' }],
  ['a time as text', { time: '1700000000', distinct_id: 'u', $insert_id: 'i' }],
  ['a time before 1970', { time: -5, distinct_id: 'u', $insert_id: 'i' }],
])('a line with %s', (_what, properties) => {
  const line = JSON.stringify({ event: 'Signed Up', properties }).replace('"#"', '12345678901234567890')
  const others = [`{"event":"é","properties":${JSON.stringify(properties)},"token":"t"}`, line]
  const texts = [line, ...others].map((text) => `${text}\n`)
  let end = 0
  const ends = texts.map((text) => (end += Buffer.byteLength(text)))
  expectSameIdentities(Buffer.from(texts.join('')), ends)
})
