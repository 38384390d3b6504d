/** A buffer that grows with what is written to its end. */
export class GrowingBytes {
  length = 0
  #bytes: Buffer<ArrayBuffer>

  constructor(bytesExpected: number) {
    this.#bytes = Buffer.from(new ArrayBuffer(Math.max(bytesExpected, 1024)))
  }

  /** What was written so far. No more may be written. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, 0, this.length)
  }

  append(bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#reserve(to - from)
    this.#bytes.set(bytes.subarray(from, to), this.length)
    this.length += to - from
  }

  /** @param text of characters up to U+00FF, which become a byte each */
  appendLatin1(text: string): void {
    this.#reserve(text.length)
    this.length += this.#bytes.write(text, this.length, 'latin1')
  }

  appendText(text: string): void {
    // UTF-8 spells a UTF-16 unit in at most three bytes.
    if (this.#bytes.length - this.length < text.length * 3) this.#reserve(Buffer.byteLength(text))
    this.length += this.#bytes.write(text, this.length)
  }

  #reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.#bytes.length) return
    const grown = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#bytes = grown
  }
}
