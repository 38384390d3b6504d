import { refuseRequest } from './request-refusal.ts'

/** The media type without its parameters, in lower case; empty where none was sent. A charset must be UTF-8. */
export function mediaType(contentType: string | undefined): string {
  const [type = '', ...parameters] = (contentType ?? '').split(';')
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim().toLowerCase() === 'charset' && !/^\s*"?utf-?8"?\s*$/i.test(value)) {
      throw refuseRequest('INGEST_FORMAT_UNSUPPORTED', 'charset is not supported: send JSON encoded as UTF-8')
    }
  }
  return type.trim().toLowerCase()
}
