/** ListObjectsV2: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
import type { Answer } from '../answer.ts'
import { type AwsRequest, queryValue } from '../request.ts'
import { encodeComponent } from '../sigv4/canonical-request.ts'
import { optionalXml, writeXml, type XmlNode } from '../xml.ts'
import { compareKeys, placeOf } from './key-order.ts'
import type { StoredObject } from './object-metadata.ts'
import { invalidArgument } from './refusals.ts'
import { bucketArn, requireAllowed, type S3Context } from './s3-context.ts'

export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

interface ListQuery {
  readonly prefix: string
  readonly delimiter: string
  readonly keyCountMax: number
  /** Keys after this one; null from the beginning. */
  readonly after: string | null
  readonly encode: (text: string) => string
}

interface Listing {
  readonly keys: readonly string[]
  readonly commonPrefixes: readonly string[]
  /** Where the next page goes on; null at the end. */
  readonly lastSeen: string | null
}

export async function listObjects(context: S3Context): Promise<Answer> {
  const { state, request, bucket } = context
  requireAllowed(context, 's3:ListBucket', bucketArn(bucket), listConditions(request))
  const query = readListQuery(request)
  const listing = list(state.objects.sortedKeys(bucket.name), query)
  const content: XmlNode[] = [
    ['Name', bucket.name],
    ['Prefix', query.encode(query.prefix)],
    ...optionalXml('Delimiter', query.delimiter === '' ? null : query.encode(query.delimiter)),
    ['MaxKeys', query.keyCountMax],
    ['KeyCount', listing.keys.length + listing.commonPrefixes.length],
    ['IsTruncated', listing.lastSeen !== null],
    ...optionalXml('EncodingType', queryValue(request, 'encoding-type')),
    ...optionalXml('ContinuationToken', queryValue(request, 'continuation-token')),
    ...optionalXml('NextContinuationToken', listing.lastSeen && writeToken(listing.lastSeen)),
    ...optionalXml('StartAfter', encodeOptional(queryValue(request, 'start-after'), query.encode)),
    ...listing.keys.flatMap((key) => {
      const object = state.objects.get(bucket.name, key)
      return object === null ? [] : [describeObject(object, query, request, bucket.account)]
    }),
    ...listing.commonPrefixes.map(
      (prefix): XmlNode => ['CommonPrefixes', [['Prefix', query.encode(prefix)]]],
    ),
  ]
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', 'x-amz-bucket-region': bucket.region },
    body: writeXml(['ListBucketResult', content], s3Namespace),
  }
}

/** The keys and common prefixes of one page. Pure. */
export function list(sortedKeys: readonly string[], query: Omit<ListQuery, 'encode'>): Listing {
  const keys: string[] = []
  const commonPrefixes = new Set<string>()
  let lastSeen: string | null = null
  // Keys of one prefix stand together: what is before and behind them is not looked at.
  for (let place = firstPlace(sortedKeys, query); place < sortedKeys.length; place++) {
    const key = sortedKeys[place] as string
    if (!key.startsWith(query.prefix)) break
    const group = commonPrefix(key, query)
    // A page that ended with a group goes on after all of it.
    if (query.after !== null && (compareKeys(key, query.after) <= 0 || group === query.after)) continue
    if (group !== null && commonPrefixes.has(group)) continue
    if (keys.length + commonPrefixes.size >= query.keyCountMax)
      return { keys, commonPrefixes: [...commonPrefixes], lastSeen }
    if (group === null) keys.push(key)
    else commonPrefixes.add(group)
    lastSeen = group ?? key
  }
  return { keys, commonPrefixes: [...commonPrefixes], lastSeen: null }
}

function firstPlace(sortedKeys: readonly string[], { prefix, after }: Omit<ListQuery, 'encode'>): number {
  return placeOf(sortedKeys, after !== null && compareKeys(after, prefix) > 0 ? after : prefix)
}

function commonPrefix(
  key: string,
  { prefix, delimiter }: Pick<ListQuery, 'prefix' | 'delimiter'>,
): string | null {
  if (delimiter === '') return null
  const end = key.indexOf(delimiter, prefix.length)
  return end < 0 ? null : key.slice(0, end + delimiter.length)
}

function readListQuery(request: AwsRequest): ListQuery {
  const encoding = queryValue(request, 'encoding-type')
  if (encoding !== undefined && encoding !== 'url') {
    throw invalidArgument('encoding-type', encoding, 'Invalid Encoding Method specified in Request')
  }
  const maxKeys = queryValue(request, 'max-keys') ?? '1000'
  if (!/^\d{1,9}$/.test(maxKeys)) {
    throw invalidArgument('max-keys', maxKeys, 'Provided max-keys not an integer or within integer range')
  }
  const token = queryValue(request, 'continuation-token')
  return {
    prefix: queryValue(request, 'prefix') ?? '',
    delimiter: queryValue(request, 'delimiter') ?? '',
    keyCountMax: Math.min(1000, Number(maxKeys)),
    after: token === undefined ? (queryValue(request, 'start-after') ?? null) : readToken(token),
    encode: encoding === 'url' ? encodeKey : (text) => text,
  }
}

/** As AWS encodes keys in listings: slashes stay. */
function encodeKey(key: string): string {
  return encodeComponent(key).replaceAll('%2F', '/')
}

function encodeOptional(text: string | undefined, encode: ListQuery['encode']): string | undefined {
  return text === undefined ? undefined : encode(text)
}

function writeToken(lastSeen: string): string {
  return Buffer.from(`after:${lastSeen}`).toString('base64')
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString()
  if (!text.startsWith('after:')) {
    throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect')
  }
  return text.slice('after:'.length)
}

function listConditions(request: AwsRequest): [string, string][] {
  return ['prefix', 'delimiter', 'max-keys'].flatMap((name) => {
    const value = queryValue(request, name)
    return value === undefined ? [] : [[`s3:${name}`, value] as [string, string]]
  })
}

function describeObject(object: StoredObject, query: ListQuery, request: AwsRequest, owner: string): XmlNode {
  return [
    'Contents',
    [
      ['Key', query.encode(object.key)],
      ['LastModified', new Date(object.lastModifiedMs).toISOString()],
      ['ETag', object.etag],
      ['ChecksumAlgorithm', object.checksum.algorithm],
      ['ChecksumType', object.checksum.type],
      ['Size', object.size],
      ['StorageClass', 'STANDARD'],
      ...(queryValue(request, 'fetch-owner') === 'true' ? [['Owner', [['ID', owner]]] as XmlNode] : []),
    ],
  ]
}
