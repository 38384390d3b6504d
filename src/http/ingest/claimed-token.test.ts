import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { claimBytesMax, claimedToken, claimedTokenOfData } from './claimed-token.ts'

const token = '0123456789abcdef0123456789abcdef'
const later = 'f'.repeat(32)
const events = JSON.stringify([
  { event: 'a', properties: { $os: 'Linux', $current_url: 'https://shop/?a=1&data=b', token } },
  { event: 'b', properties: { token: later } },
])
const profile = JSON.stringify({ $token: token, $distinct_id: 'ann', $set: { plan: 'team' } })
const base64 = (text: string) => Buffer.from(text).toString('base64')
const form = (data: string) => `verbose=1&${new URLSearchParams({ data })}&ip=1`

describe('the first token of a body', () => {
  test.each([
    ['JSON', events],
    ['a profile', profile],
    ['a form of JSON', form(events)],
    ['a form of base64', form(base64(events))],
    ['base64 that is not escaped', `data=${base64(profile)}`],
    ['JSON with space', `\n [ ${profile.replace(':', ' : ')}`],
  ])('of %s', (_, body) => {
    expect(claimedToken(Buffer.from(body), undefined)).toBe(token)
  })

  test('wherever the body is cut after it', () => {
    const bodies = [events, form(events), `data=${base64(events)}`]
    const lengths = bodies.map((body) => {
      const found = Array.from(body, (_, length) =>
        claimedToken(Buffer.from(body.slice(0, length)), undefined),
      )
      const first = found.indexOf(token)
      expect(found.slice(0, first).every((one) => one === undefined)).toBe(true)
      expect(found.slice(first).every((one) => one === token)).toBe(true)
      return first
    })
    expect(Math.min(...lengths)).toBeGreaterThan(0)
  })

  test.each([
    ['gzip', gzipSync],
    [' X-GZIP ', gzipSync],
    ['deflate', deflateSync],
  ])('in the beginning of %s', (encoding, compress) => {
    const body = compress(`${events.slice(0, -1)},"${randomText()}"]`)
    expect(body.length).toBeGreaterThan(claimBytesMax)
    expect(claimedToken(body.subarray(0, claimBytesMax), encoding)).toBe(token)
  })
})

/** Text that doesn't pack. */
function randomText(): string {
  return Array.from({ length: 12_000 }, () => Math.random().toString(36).slice(2, 3)).join('')
}

test.each([
  ['nothing', Buffer.alloc(0), undefined],
  ['a name that only ends so', Buffer.from(JSON.stringify({ mytoken: token })), undefined],
  ['a token in a string', Buffer.from(JSON.stringify({ a: `"token":"${token}"` })), undefined],
  ['one beyond the beginning', Buffer.from(`[${' '.repeat(claimBytesMax)}${events}]`), undefined],
  ['broken gzip', Buffer.from(events), 'gzip'],
  ['a bomb', gzipSync(Buffer.alloc(3_000_000, ' ')), 'gzip'],
  ['another encoding', gzipSync(events), 'br'],
])('none in %s', (_, body, encoding) => {
  expect(claimedToken(body, encoding)).toBeUndefined()
})

test('of the data of a query', () => {
  expect(claimedTokenOfData(events)).toBe(token)
  expect(claimedTokenOfData(base64(profile))).toBe(token)
  expect(claimedTokenOfData('')).toBeUndefined()
})
