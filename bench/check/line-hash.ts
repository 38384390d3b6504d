import { hash } from 'node:crypto'

/** Half an MD5: enough that no two of some million lines are taken for one another by chance. */
export const lineHashBytes = 8

const stampName = Buffer.from('"mp_processing_time_ms":')
const comma = 0x2c

/** Writes the hash of a line, without its newline and its stamp, at its place. */
export function writeLineHash(line: Uint8Array, hashes: Uint8Array, place: number): void {
  const digest = hash('md5', withoutStamp(line), 'buffer')
  hashes.set(digest.subarray(0, lineHashBytes), place * lineHashBytes)
}

/** When an event came in stands in every exported line, and in no line that was sent. */
function withoutStamp(line: Uint8Array): Uint8Array {
  const buffer = Buffer.from(line.buffer, line.byteOffset, line.length)
  const start = buffer.indexOf(stampName)
  if (start === -1) return line
  let end = start + stampName.length
  while (isDigit(buffer[end])) end += 1
  // Its comma goes with it: the one before, or where the stamp stands first, the one behind.
  if (buffer[start - 1] === comma) return Buffer.concat([buffer.subarray(0, start - 1), buffer.subarray(end)])
  return Buffer.concat([buffer.subarray(0, start), buffer.subarray(buffer[end] === comma ? end + 1 : end)])
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}
