import { refuseRequest } from './request-refusal.ts'

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

/** As browsers read forms: a percent sign that begins no escape stands for itself. */
function unescapeField(text: string): string {
  const escaped = text.replaceAll('+', ' ').replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25')
  try {
    return decodeURIComponent(escaped)
  } catch {
    throw refuseRequest(
      'INGEST_BODY_INVALID',
      'URL-encoded text is not valid UTF-8: percent-encode its UTF-8 bytes',
    )
  }
}
