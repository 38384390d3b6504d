/**
 * Lines whose dedup keys are equal, in groups, as columns: a day that was sent a million times over has a million of
 * them, and objects would cost ten times the memory.
 */
export class DuplicateCandidates {
  #memberIndexes = new Uint32Array(1024)
  #lines = new Uint32Array(1024)
  #groups = new Uint32Array(1024)
  #count = 0
  #groupCount = 0

  get count(): number {
    return this.#count
  }

  get memberIndexes(): Uint32Array {
    return this.#memberIndexes.subarray(0, this.#count)
  }

  get lines(): Uint32Array {
    return this.#lines.subarray(0, this.#count)
  }

  /** Which group each line belongs to. */
  get groups(): Uint32Array {
    return this.#groups.subarray(0, this.#count)
  }

  startGroup(): void {
    this.#groupCount += 1
  }

  add(memberIndex: number, line: number): void {
    if (this.#count === this.#lines.length) this.#grow()
    this.#memberIndexes[this.#count] = memberIndex
    this.#lines[this.#count] = line
    this.#groups[this.#count] = this.#groupCount
    this.#count += 1
  }

  clear(): void {
    this.#count = 0
    this.#groupCount = 0
  }

  #grow(): void {
    this.#memberIndexes = doubled(this.#memberIndexes)
    this.#lines = doubled(this.#lines)
    this.#groups = doubled(this.#groups)
  }
}

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2)
  larger.set(column)
  return larger
}
