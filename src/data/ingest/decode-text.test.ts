import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSdkText, decodeText } from './decode-text.ts'

/** As mixpanel-browser 2.83 does it: each half of a character by itself. */
function writeHalves(text: string): Uint8Array {
  const bytes = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)).flatMap((unit) => {
    if (unit < 0x80) return [unit]
    if (unit < 0x800) return [0xc0 | (unit >> 6), 0x80 | (unit & 0x3f)]
    return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]
  })
  return Uint8Array.from(bytes)
}

test('text whose characters were written half by half is the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodeSdkText(writeHalves(text))).toBe(text.replace(/^\ufeff/, ''))
    }),
  )
  expect(decodeSdkText(writeHalves('{"a":"☃ 🙈 \ufeff퟿"}'))).toBe('{"a":"☃ 🙈 \ufeff퟿"}')
})

test('a half without its other half is kept as what it is', () => {
  expect(decodeSdkText(writeHalves('cut \ud83d off'))).toBe('cut \ud83d off')
})

test('UTF-8 is read as ever', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const bytes = new TextEncoder().encode(text)
      expect(decodeSdkText(bytes)).toBe(decodeText(bytes))
    }),
  )
})

test.each([[[0xed, 0xa0]], [[0xff]], [[0xed, 0xa0, 0x80, 0xc3]], [[0x61, 0xe2, 0x98]]])(
  '%j is no text',
  (bytes) => {
    expect(() => decodeSdkText(Uint8Array.from(bytes))).toThrow('not valid UTF-8')
  },
)
