/** What a request says of its own signature: in its Authorization header, or in its query (presigned). */
import { type AwsRequest, queryValue } from '../request.ts'
import type { CredentialScope } from './signature.ts'

export interface SignedRequest {
  readonly form: 'header' | 'query'
  readonly accessKeyId: string
  readonly scope: CredentialScope
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** As it was sent: `20130524T000000Z`. */
  readonly timestamp: string
  readonly signedAtMs: number
  /** How long a presigned request is good for. */
  readonly expiresSeconds: number | null
  readonly sessionToken: string | null
}

/** The parts of a signature that could not be read, and why; the services answer it each with their own codes. */
export class UnreadableSignature extends Error {
  readonly form: SignedRequest['form']

  constructor(form: SignedRequest['form'], message: string) {
    super(message)
    this.form = form
  }
}

/** Null where the request is not signed at all. */
export function readSignedRequest(request: AwsRequest): SignedRequest | null {
  const header = request.headers.get('authorization')
  if (header !== undefined) return fromHeader(request, header)
  return queryValue(request, 'X-Amz-Algorithm') === undefined ? null : fromQuery(request)
}

function fromHeader(request: AwsRequest, header: string): SignedRequest {
  const space = header.indexOf(' ')
  if (header.slice(0, space) !== 'AWS4-HMAC-SHA256') {
    throw new UnreadableSignature(
      'header',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    )
  }
  const fields = new Map(
    header
      .slice(space + 1)
      .split(',')
      .map(splitField),
  )
  const timestamp = request.headers.get('x-amz-date') ?? ''
  return {
    form: 'header',
    ...parseCredential('header', fields.get('Credential') ?? ''),
    signedHeaders: parseSignedHeaders('header', fields.get('SignedHeaders') ?? ''),
    signature: parseSignature('header', fields.get('Signature') ?? ''),
    timestamp,
    signedAtMs: parseTimestamp('header', timestamp),
    expiresSeconds: null,
    sessionToken: request.headers.get('x-amz-security-token') ?? null,
  }
}

function fromQuery(request: AwsRequest): SignedRequest {
  const value = (name: string) => queryValue(request, name) ?? ''
  if (value('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') {
    throw new UnreadableSignature('query', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
  }
  const expires = value('X-Amz-Expires')
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > 604_800) {
    throw new UnreadableSignature('query', 'X-Amz-Expires must be a number of seconds, from 1 to 604800')
  }
  return {
    form: 'query',
    ...parseCredential('query', value('X-Amz-Credential')),
    signedHeaders: parseSignedHeaders('query', value('X-Amz-SignedHeaders')),
    signature: parseSignature('query', value('X-Amz-Signature')),
    timestamp: value('X-Amz-Date'),
    signedAtMs: parseTimestamp('query', value('X-Amz-Date')),
    expiresSeconds: Number(expires),
    sessionToken: queryValue(request, 'X-Amz-Security-Token') ?? null,
  }
}

function splitField(field: string): [string, string] {
  const equals = field.indexOf('=')
  return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()]
}

function parseCredential(form: SignedRequest['form'], text: string) {
  const parts = text.split('/')
  const [date = '', region = '', service = '', terminator = ''] = parts.slice(-4)
  // An access key id may itself hold slashes; the last four parts are the scope.
  const accessKeyId = parts.slice(0, -4).join('/')
  if (
    accessKeyId === '' ||
    !/^\d{8}$/.test(date) ||
    terminator !== 'aws4_request' ||
    region === '' ||
    service === ''
  ) {
    throw new UnreadableSignature(
      form,
      'The Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    )
  }
  return { accessKeyId, scope: { date, region, service } }
}

function parseSignedHeaders(form: SignedRequest['form'], text: string): string[] {
  const names = text.split(';')
  const ordered = [...names].sort().join(';') === text
  if (!names.includes('host') || !ordered || text !== text.toLowerCase()) {
    throw new UnreadableSignature(form, 'SignedHeaders must name host, in lower case and in order.')
  }
  return names
}

function parseSignature(form: SignedRequest['form'], text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new UnreadableSignature(form, 'Signature must be 64 lower-case hex digits.')
  return text
}

function parseTimestamp(form: SignedRequest['form'], text: string): number {
  const [, ...parts] = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text) ?? []
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number)
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second)
  if (parts.length === 0 || Number.isNaN(atMs)) {
    throw new UnreadableSignature(form, 'AWS authentication requires a valid x-amz-date: YYYYMMDDTHHMMSSZ.')
  }
  return atMs
}
