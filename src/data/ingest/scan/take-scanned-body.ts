/**
 * Takes the events of an /import body from its bytes. What it gives is what take-parsed-body.ts gives, but for the spelling
 * of what the lines hold: spaces, escapes and numbers stay as they were sent.
 */
import { isUtf8 } from 'node:buffer'
import { BatchBuilder } from '../batch-builder.ts'
import { isJsonType, isNdjsonType } from '../import-records.ts'
import { mediaType } from '../media-type.ts'
import type { TakenBody } from '../take-parsed-body.ts'
import type { TakeOptions } from '../take-records.ts'
import { closeBracket, comma, newline, openBrace, openBracket, standsAt } from './ascii.ts'
import { notThere } from './place.ts'
import { recordBytesMax, ScannedRecords } from './scanned-records.ts'
import { endOfElement, endOfLine, skipBlanks, skipWhiteSpace } from './skip.ts'

const byteOrderMark = Uint8Array.of(0xef, 0xbb, 0xbf)

/** Undefined where the body must be parsed as a whole: it is refused, or of a rare form. */
export function takeScannedBody(
  body: Uint8Array,
  contentType: string | undefined,
  options: TakeOptions,
): TakenBody | undefined {
  if (!isUtf8(body)) return undefined
  const builder = new BatchBuilder(body.length)
  const records = new ScannedRecords(body, options, builder)
  return takeRecords(body, mediaType(contentType), records) ? { builder, failed: records.failed } : undefined
}

function takeRecords(body: Uint8Array, type: string, records: ScannedRecords): boolean {
  const start = skipWhiteSpace(body, standsAt(body, 0, byteOrderMark) ? byteOrderMark.length : 0)
  const first = body[start]
  if (first === openBracket && (isJsonType(type) || isNdjsonType(type)))
    return takeArray(body, start, records)
  if (first !== openBrace) return false
  if (isNdjsonType(type)) return takeLines(body, start, records)
  return isJsonType(type) && takeObjects(body, start, records)
}

/** One object; or, under the wrong name, one a line. */
function takeObjects(body: Uint8Array, start: number, records: ScannedRecords): boolean {
  const end = records.scan(start)
  if (end === notThere) return false
  if (skipWhiteSpace(body, end) === body.length) return records.takeScanned()
  return body[skipBlanks(body, end)] === newline && takeLines(body, start, records)
}

function takeLines(body: Uint8Array, start: number, records: ScannedRecords): boolean {
  for (let from = start; from < body.length; ) {
    if (!records.hasRoom()) return false
    let end = takeScannedLine(body, from, records)
    if (end === notThere) {
      end = endOfLine(body, from)
      if (!records.parseLine(from, end)) return false
    }
    from = skipWhiteSpace(body, end)
  }
  return true
}

/** Returns where the line ends. */
function takeScannedLine(body: Uint8Array, from: number, records: ScannedRecords): number {
  if (body[from] !== openBrace) return notThere
  const behind = records.scan(from)
  if (behind === notThere) return notThere
  const end = skipBlanks(body, behind)
  const isWholeLine = end === body.length || body[end] === newline
  return isWholeLine && records.takeScanned() ? end : notThere
}

function takeArray(body: Uint8Array, open: number, records: ScannedRecords): boolean {
  let end = skipWhiteSpace(body, open + 1)
  if (body[end] !== closeBracket) end = takeElement(body, end, records)
  while (body[end] === comma) end = takeElement(body, skipWhiteSpace(body, end + 1), records)
  return body[end] === closeBracket && skipWhiteSpace(body, end + 1) === body.length
}

/** Returns where the comma or bracket behind the element stands. */
function takeElement(body: Uint8Array, from: number, records: ScannedRecords): number {
  if (!records.hasRoom()) return notThere
  const behind = body[from] === openBrace ? records.scan(from) : notThere
  if (behind !== notThere && records.takeScanned()) return skipWhiteSpace(body, behind)
  const end = endOfElement(body, from, recordBytesMax)
  return end !== notThere && records.parseElement(from, end) ? end : notThere
}
