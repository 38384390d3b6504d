/**
 * The keys of an event's objects by their hashes, to tell that an object has a key twice. Bounded and one-sided: it may take
 * two keys for one, never one for two.
 */
const slotCount = 2048
const keysMax = 512
/** Keys that a client has made to meet in one slot must not cost more than honest ones. */
const probesMax = 32

export class KeySet {
  readonly #hashes = new Int32Array(slotCount)
  // Which event a slot was filled for: so clearing costs nothing.
  readonly #rounds = new Uint32Array(slotCount)
  #round = 0
  #count = 0

  clear(): void {
    this.#round += 1
    this.#count = 0
  }

  /** False where the hash is there already, or there is no room. */
  add(hash: number): boolean {
    const round = this.#round
    let slot = (hash ^ (hash >>> 16)) & (slotCount - 1)
    for (let probes = 1; this.#rounds[slot] === round; probes++) {
      if (this.#hashes[slot] === hash || probes === probesMax) return false
      slot = (slot + 1) & (slotCount - 1)
    }
    this.#rounds[slot] = round
    this.#hashes[slot] = hash
    this.#count += 1
    return this.#count < keysMax
  }
}

/** Hash of no bytes, and what differs from object to object. */
export function hashSeed(object: number): number {
  return Math.imul(object, 0x9e3779b1)
}

/** FNV-1a. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193)
}
