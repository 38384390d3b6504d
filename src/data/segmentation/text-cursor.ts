/**
 * Searching begins at the byte of a text that comes up least in these lines, and looks at no more than this many: Node
 * compares so few one by one behind its fast search for the first, where for more it prepares tables anew each time.
 */
const searchedLengthMax = 6

/** Bytes of the lines that are counted to learn which are rare. */
const sampleLength = 4096

/** Where a text stands next in a member's lines; each byte is searched once, however many ranges are asked for. */
export class TextCursor {
  readonly #lines: Buffer
  readonly #text: Buffer
  /** The part of the text that is searched, and where it begins there. */
  readonly #searched: Buffer
  readonly #offset: number
  #next = -1

  constructor(lines: Buffer, text: Buffer) {
    this.#lines = lines
    this.#text = text
    this.#offset = rarestPlace(lines, text)
    this.#searched = text.subarray(this.#offset, this.#offset + searchedLengthMax)
  }

  /** Whether the text stands in that range. A range must not begin before the one that was asked for last. */
  isWithin(start: number, end: number): boolean {
    if (this.#next < start) this.#next = this.#find(start)
    return this.#next < end
  }

  #find(from: number): number {
    for (let at = from + this.#offset; ; at += 1) {
      at = this.#lines.indexOf(this.#searched, at)
      if (at === -1) return Number.POSITIVE_INFINITY
      if (this.#standsAt(at - this.#offset)) return at - this.#offset
    }
  }

  #standsAt(start: number): boolean {
    const text = this.#text
    for (let place = 0; place < text.length; place++) {
      if (this.#lines[start + place] !== text[place]) return false
    }
    return true
  }
}

/** A text of one line and of no other is within a line or in none, so it may be searched from any place of it. */
function rarestPlace(lines: Buffer, text: Buffer): number {
  const counts = new Uint32Array(256)
  const sampled = Math.min(lines.length, sampleLength)
  for (let at = 0; at < sampled; at++) counts[lines[at] ?? 0] = (counts[lines[at] ?? 0] ?? 0) + 1
  let rarest = 0
  // The last bytes alone are found too often to be compared each time.
  for (let place = 1; place <= text.length - 3; place++) {
    if ((counts[text[place] ?? 0] ?? 0) < (counts[text[rarest] ?? 0] ?? 0)) rarest = place
  }
  return rarest
}
