/** What a reader sees of a member of which it asked for some lines only. */
import { constants, gzipSync } from 'node:zlib'
import { dedupKeyBytes } from '../ingest/dedup-key.ts'
import type { PickedLines } from './member.ts'
import { eachLine, openMember } from './open-member.ts'
import { dedupRecordBytes } from './segment-format.ts'

export interface KeepLinesInput {
  gzip: Uint8Array<ArrayBuffer>
  /** Places of the lines to keep, ascending. */
  places: Uint32Array
}

/** Thread task: a gzip member of the picked lines, for a reader that opens it at once; so it is not compressed. */
export function keepLines({ gzip, places }: KeepLinesInput): Uint8Array<ArrayBuffer> {
  const kept: Uint8Array[] = []
  let place = 0
  for (const line of eachLine(openMember(gzip))) {
    if (kept.length === places.length) break
    if (place === places[kept.length]) kept.push(line)
    place += 1
  }
  return new Uint8Array(gzipSync(Buffer.concat(kept), { level: constants.Z_NO_COMPRESSION }))
}

/** The dedup records of the picked lines, in the order in which they stand, with the lines' new numbers. */
export function keepRecords(
  records: Uint8Array<ArrayBuffer>,
  { places, ofLines }: PickedLines,
): Uint8Array<ArrayBuffer> {
  const numbers = new Int32Array(ofLines).fill(-1)
  for (const [number, place] of places.entries()) numbers[place] = number
  const kept = new Uint8Array(places.length * dedupRecordBytes)
  const from = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const to = new DataView(kept.buffer)
  let end = 0
  for (let at = 0; at < records.length; at += dedupRecordBytes) {
    const number = numbers[from.getUint32(at + dedupKeyBytes, true)] ?? -1
    if (number < 0) continue
    kept.set(records.subarray(at, at + dedupKeyBytes), end)
    to.setUint32(end + dedupKeyBytes, number, true)
    end += dedupRecordBytes
  }
  return kept
}
