import { decodeText } from './decode-text.ts'

/** No client sends more; ten megabytes of ampersands must not cost more than ten megabytes of data. */
const fieldsMax = 100

/** The first value of each field of a form (`application/x-www-form-urlencoded`). */
export function readForm(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const pair of text.split('&', fieldsMax)) {
    const equals = pair.indexOf('=')
    const name = unescapeField(equals === -1 ? pair : pair.slice(0, equals))
    if (!fields.has(name)) fields.set(name, equals === -1 ? '' : unescapeField(pair.slice(equals + 1)))
  }
  return fields
}

/** As browsers read forms: a percent sign that begins no escape stands for itself. One pass, whatever the text is. */
function unescapeField(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const bytes = Buffer.from(text)
  let length = 0
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    const escaped =
      byte === percent ? hexValue(bytes[index + 1]) * 16 + hexValue(bytes[index + 2]) : Number.NaN
    if (!Number.isNaN(escaped)) index += 2
    bytes[length++] = Number.isNaN(escaped) ? (byte === plus ? space : byte) : escaped
  }
  return decodeText(bytes.subarray(0, length))
}

const space = 0x20
const percent = 0x25
const plus = 0x2b

function hexValue(code: number | undefined): number {
  if (code === undefined) return Number.NaN
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lowerCase = code | 0x20
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x57 : Number.NaN
}
