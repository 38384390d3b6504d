/** What tells two multisets of lines apart, whatever their order and however they are cut into files. */
import { createHash } from 'node:crypto'
import { WrongResult } from './wrong-result.ts'

export interface Fingerprint {
  lines: number
  distinct: number
  /** SHA-256 over the sorted hashes of the lines. */
  digest: string
}

/** @param hashes 8 bytes a line, of all lines, in any order */
export function fingerprintOf(hashes: Uint8Array[]): Fingerprint {
  const sorted = sortedHashes(hashes)
  let distinct = 0
  for (let place = 0; place < sorted.length; place++) {
    if (place === 0 || sorted[place] !== sorted[place - 1]) distinct += 1
  }
  const digest = createHash('sha256').update(new Uint8Array(sorted.buffer)).digest('hex')
  return { lines: sorted.length, distinct, digest }
}

function sortedHashes(hashes: Uint8Array[]): BigUint64Array {
  const bytes = new Uint8Array(hashes.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of hashes) {
    bytes.set(part, at)
    at += part.length
  }
  return new BigUint64Array(bytes.buffer).sort()
}

/** @throws WrongResult unless every expected line is there once, and nothing else. */
export function expectSameLines(subject: string, found: Fingerprint, expected: Fingerprint): void {
  if (found.lines !== expected.lines || found.distinct !== expected.distinct) {
    throw new WrongResult(
      `${subject}: ${found.lines} lines, ${found.distinct} of them distinct; expected ${expected.lines}, ${expected.distinct} distinct`,
    )
  }
  if (found.digest !== expected.digest) {
    throw new WrongResult(`${subject}: as many lines as expected, but not the same`)
  }
}
