/** Requests signed by hand, for what an SDK would not send: wrong dates, missing headers, bodies that break off. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { canonicalRequest } from '../../sandbox/sigv4/canonical-request.ts'
import { requestSignature, scopeText, sha256Hex, signingKey } from '../../sandbox/sigv4/signature.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface HandmadeRequest {
  readonly method: string
  readonly path: string
  readonly query?: readonly [string, string][]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Sent as Host and signed; the connection goes to the sandbox all the same. */
  readonly host?: string
}

export interface Signing {
  readonly credentials: Credentials
  readonly region: string
  readonly service?: 's3' | 'sts' | 'execute-api'
  readonly at?: Date
  /** Headers that are sent without being signed. */
  readonly unsignedHeaders?: readonly string[]
  readonly payloadHash?: string
  /** What is changed after the signing. */
  readonly changed?: Partial<HandmadeRequest>
}

export interface HandmadeAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** What `<Code>` says, if the answer has one. */
  readonly code: string | undefined
}

/** Sends a request signed in its Authorization header. */
export function sendSigned(url: string, input: HandmadeRequest, signing: Signing): Promise<HandmadeAnswer> {
  const timestamp = amzTime(signing.at ?? new Date())
  const payloadHash = signing.payloadHash ?? sha256Hex(input.body ?? '')
  const headers: Record<string, string> = {
    host: input.host ?? new URL(url).host,
    'x-amz-date': timestamp,
    'x-amz-content-sha256': payloadHash,
    ...(signing.credentials.sessionToken && { 'x-amz-security-token': signing.credentials.sessionToken }),
    ...input.headers,
  }
  const names = Object.keys(headers)
    .sort()
    .filter((name) => !signing.unsignedHeaders?.includes(name))
  const { signature, scope } = sign({ ...input, headers }, names, payloadHash, timestamp, signing)
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${signing.credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return sendUnsigned(url, {
    ...input,
    ...signing.changed,
    headers: { ...headers, ...signing.changed?.headers },
  })
}

/** Sends a presigned request. */
export function sendPresigned(
  url: string,
  input: HandmadeRequest,
  signing: Presigning,
): Promise<HandmadeAnswer> {
  return sendUnsigned(url, presign(url, input, signing))
}

export type Presigning = Signing & { readonly expiresSeconds: number }

/** The request with its signature in the query. */
export function presign(url: string, input: HandmadeRequest, signing: Presigning): HandmadeRequest {
  const timestamp = amzTime(signing.at ?? new Date())
  const headers = { host: input.host ?? new URL(url).host, ...input.headers }
  const scope = scopeText({ date: timestamp.slice(0, 8), region: signing.region, service: 's3' })
  const query: [string, string][] = [
    ...(input.query ?? []),
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${signing.credentials.accessKeyId}/${scope}`],
    ['X-Amz-Date', timestamp],
    ['X-Amz-Expires', String(signing.expiresSeconds)],
    ['X-Amz-SignedHeaders', 'host'],
    ...(signing.credentials.sessionToken
      ? [['X-Amz-Security-Token', signing.credentials.sessionToken] as [string, string]]
      : []),
  ]
  const { signature } = sign({ ...input, query, headers }, ['host'], 'UNSIGNED-PAYLOAD', timestamp, signing)
  return { ...input, headers, query: [...query, ['X-Amz-Signature', signature]] }
}

export function sendUnsigned(url: string, input: HandmadeRequest): Promise<HandmadeAnswer> {
  const { hostname, port } = new URL(url)
  const path = requestTarget(input)
  return new Promise((resolve, reject) => {
    const body = Buffer.from(input.body ?? '')
    const hasLength = input.headers?.['transfer-encoding'] !== undefined || body.length === 0
    const headers = { ...(!hasLength && { 'content-length': String(body.length) }), ...input.headers }
    const sent = httpRequest({ hostname, port, path, method: input.method, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1]
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, code })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Path and query as they stand in the first line of the request. */
export function requestTarget({ path, query = [] }: HandmadeRequest): string {
  const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return path.split('/').map(encodeURIComponent).join('/') + (pairs.length === 0 ? '' : `?${pairs.join('&')}`)
}

function sign(
  input: HandmadeRequest,
  names: readonly string[],
  payloadHash: string,
  timestamp: string,
  { credentials, region, service = 's3' }: Signing,
) {
  const scope = { date: timestamp.slice(0, 8), region, service }
  const request = {
    method: input.method,
    host: '',
    path: input.path,
    query: input.query ?? [],
    headers: new Map(Object.entries(input.headers ?? {})),
    sourceIp: '',
    body: (async function* () {})(),
  }
  const canonical = canonicalRequest(request, names, payloadHash)
  const key = signingKey(credentials.secretAccessKey, scope)
  return { signature: requestSignature(key, timestamp, scope, canonical), scope: scopeText(scope) }
}

function amzTime(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, '')
}
