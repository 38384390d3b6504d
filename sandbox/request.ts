import type { IncomingMessage } from 'node:http'
import { AwsError } from './answer.ts'

type QueryParameter = readonly [name: string, value: string]

/** A request as the services see it: decoded once, with what a signature needs still as it was sent. */
export interface AwsRequest {
  readonly method: string
  /** The Host header, with its port. */
  readonly host: string
  /** Decoded path, beginning with a slash. */
  readonly path: string
  /** Decoded parameters in the order in which they were sent. */
  readonly query: readonly QueryParameter[]
  /** Names in lower case; the values of a repeated header joined with a comma, as SigV4 does it. */
  readonly headers: ReadonlyMap<string, string>
  readonly sourceIp: string
  /** The bytes as sent: reading them may first send `100 Continue`. */
  readonly body: AsyncIterable<Buffer>
}

/** Reads what a request says of itself; throws `InvalidURI` where its target does not decode. */
export function readRequest(incoming: IncomingMessage, body: AsyncIterable<Buffer>): AwsRequest {
  const target = incoming.url ?? '/'
  const queryStart = target.indexOf('?')
  const rawPath = queryStart < 0 ? target : target.slice(0, queryStart)
  const headers = readHeaders(incoming.rawHeaders)
  return {
    method: incoming.method ?? 'GET',
    host: headers.get('host') ?? '',
    path: decode(rawPath),
    query: queryStart < 0 ? [] : readQuery(target.slice(queryStart + 1)),
    headers,
    sourceIp: (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    body,
  }
}

export function queryValue(request: AwsRequest, name: string): string | undefined {
  return request.query.find(([key]) => key === name)?.[1]
}

function readQuery(text: string): QueryParameter[] {
  const pairs = text.split('&').filter((pair) => pair !== '')
  return pairs.map((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0) return [decode(pair), '']
    return [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
  })
}

function readHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    // Node hands header bytes on as Latin-1; what was signed is the text those bytes are in UTF-8.
    const value = Buffer.from(raw[index + 1] ?? '', 'latin1')
      .toString('utf8')
      .trim()
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return headers
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsError(400, 'InvalidURI', "Couldn't parse the specified URI.")
  }
}
