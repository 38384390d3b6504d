/** Reads lines and counted runs of bytes from a stream, holding no more than one of its pieces. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** The bytes up to the next CR LF, without it; null where the stream ends first or the line is too long. */
  async line(byteCountMax: number): Promise<string | null> {
    let end = this.#held.indexOf('\r\n')
    while (end < 0) {
      // One byte more: it may be the first of the line's end.
      if (this.#held.length > byteCountMax + 1 || !(await this.#more())) return null
      end = this.#held.indexOf('\r\n')
    }
    return this.#take(end + 2)
      .subarray(0, end)
      .toString('latin1')
  }

  /** Yields that many bytes, in pieces; fewer where the stream ends first. */
  async *bytes(byteCount: number): AsyncGenerator<Buffer> {
    let left = byteCount
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#next())) return
      const piece = this.#take(Math.min(left, this.#held.length))
      left -= piece.length
      if (piece.length > 0) yield piece
    }
  }

  /** Is there nothing left? */
  async atEnd(): Promise<boolean> {
    while (this.#held.length === 0) if (!(await this.#next())) return true
    return false
  }

  #take(byteCount: number): Buffer {
    const taken = this.#held.subarray(0, byteCount)
    this.#held = this.#held.subarray(byteCount)
    return taken
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#source.next()
    if (done) return false
    this.#held = value
    return true
  }

  async #more(): Promise<boolean> {
    const before = this.#held
    if (!(await this.#next())) return false
    this.#held = Buffer.concat([before, this.#held])
    return true
  }
}
