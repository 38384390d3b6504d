import { trimText } from './json-bytes.ts'

/** Joins the pieces of a text that chunks have torn apart, and never holds more than `bytesMax` of it. */
export interface TextCollector {
  add(piece: Buffer): void
  /** The text so far; the next one begins empty. */
  take(): { text: Buffer; cut: boolean }
}

/** What is kept of a text that is too long, so that a person can recognise it. */
const beginningBytes = 1024

export function createTextCollector(bytesMax: number): TextCollector {
  let pieces: Buffer[] = []
  let bytes = 0
  return {
    add: (piece) => {
      if (piece.length === 0 || bytes > bytesMax) return
      pieces.push(piece)
      bytes += piece.length
      // Copied: a slice would hold on to the whole chunk that it was cut from.
      if (bytes > bytesMax) pieces = [Buffer.from(Buffer.concat(pieces).subarray(0, beginningBytes))]
    },
    take: () => {
      const joined = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
      const cut = bytes > bytesMax
      pieces = []
      bytes = 0
      return { text: trimText(joined), cut }
    },
  }
}
