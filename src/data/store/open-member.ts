import { gunzipSync } from 'node:zlib'

const newline = 0x0a

/** The event lines of a member, uncompressed. Members are bounded, so their lines are too. */
export function openMember(gzip: Uint8Array): Buffer {
  return gunzipSync(gzip)
}

/** Each line with its newline, as views of the same memory. */
export function* eachLine(lines: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(newline, start) + 1
    yield lines.subarray(start, end)
    start = end
  }
}
