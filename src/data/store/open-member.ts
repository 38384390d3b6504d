import { gunzipSync } from 'node:zlib'

const newline = 0x0a
/** The least that zlib takes for a chunk. */
const chunkBytesMin = 64

/**
 * The event lines of a member, uncompressed, in memory of their own. Members are bounded, so their lines are too.
 * @param rawBytes how many they are: then they are inflated into one piece, and not put together of many
 */
export function openMember(gzip: Uint8Array, rawBytes?: number): Buffer {
  if (rawBytes === undefined) return gunzipSync(gzip)
  // One byte more than is needed, as zlib asks for another chunk when one is full.
  return gunzipSync(gzip, { chunkSize: Math.max(rawBytes + 1, chunkBytesMin) })
}

/** Each line with its newline, as views of the same memory. */
export function* eachLine(lines: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(newline, start) + 1
    yield lines.subarray(start, end)
    start = end
  }
}

/** Finds by their numbers where lines stand: each from a place up to another, its newline included. To be asked in ascending order. */
export function lineFinder(lines: Buffer): (line: number) => { from: number; to: number } {
  let next = 0
  let start = 0
  return (line) => {
    for (; next < line; next++) start = lines.indexOf(newline, start) + 1
    return { from: start, to: lines.indexOf(newline, start) + 1 }
  }
}
