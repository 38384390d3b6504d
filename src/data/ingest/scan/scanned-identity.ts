import { closeBracket, comma, openBracket } from './ascii.ts'
import type { EventScanner } from './event-scanner.ts'
import { lengthOf, type Place } from './place.ts'

/** The longest event name and $insert_id, and a distinct_id of any length that ids have, fit. */
const identityBytesMax = 2048
/** Brackets, commas and the digits of a time. */
const otherBytesMax = 32

/**
 * Makes the identity (dedup-key.ts) of the event that the scanner has read, good until the next one is made; undefined where
 * its ids are too long for that.
 */
export type ScannedIdentity = (scanner: EventScanner, timeMs: number) => Buffer | undefined

/**
 * The text is written from the bytes of the event: a string without escapes and a short integer are what JSON.stringify
 * makes of them.
 *
 * @param bytes what the scanner reads
 */
export function createScannedIdentity(bytes: Uint8Array): ScannedIdentity {
  const text = Buffer.alloc(identityBytesMax)
  return ({ name, known: { distinct_id, $insert_id } }, timeMs) => {
    const valueBytes = lengthOf(name) + lengthOf(distinct_id) + lengthOf($insert_id)
    if (valueBytes + otherBytesMax > identityBytesMax) return undefined
    text[0] = openBracket
    let end = copyValue(bytes, name, text, 1)
    end += text.write(`,${timeMs},`, end, 'latin1')
    end = copyValue(bytes, distinct_id, text, end)
    text[end] = comma
    end = copyValue(bytes, $insert_id, text, end + 1)
    text[end] = closeBracket
    return text.subarray(0, end + 1)
  }
}

function copyValue(bytes: Uint8Array, { from, to }: Place, target: Uint8Array, at: number): number {
  let end = at
  for (let index = from; index < to; index++) target[end++] = bytes[index] as number
  return end
}
