import { ExpressionError } from './expression-error.ts'

const plain = /[^"'\\]*/y
const unicode = /u([0-9a-fA-F]{4})/y

/** The escapes of JSON, and the single quote's. */
const escapes: Record<string, string> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Reads the string that begins with the quote at `at`; `end` is behind its other quote. */
export function readString(text: string, at: number): { value: string; end: number } {
  const quote = text[at]
  let value = ''
  for (let place = at + 1; place < text.length; ) {
    plain.lastIndex = place
    const part = plain.exec(text)?.[0] ?? ''
    value += part
    place += part.length
    const next = text[place]
    if (next === quote) return { value, end: place + 1 }
    if (next === '\\') {
      const escaped = readEscape(text, place)
      value += escaped.value
      place = escaped.end
    } else if (next !== undefined) {
      value += next
      place += 1
    }
  }
  throw new ExpressionError(text.length, `expected ${quote} at the end of the string that began with one`)
}

function readEscape(text: string, at: number): { value: string; end: number } {
  const letter = text[at + 1] ?? ''
  const known = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
  if (known !== undefined) return { value: known, end: at + 2 }
  unicode.lastIndex = at + 1
  const code = unicode.exec(text)?.[1]
  if (code !== undefined) return { value: String.fromCharCode(Number.parseInt(code, 16)), end: at + 6 }
  throw new ExpressionError(
    at,
    'expected an escape as JSON has them (\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0041) or \\\'',
  )
}
