import { hashByte } from './scan/key-set.ts'
import { textAt } from './scan/text-at.ts'

interface KnownName {
  bytes: Uint8Array
  index: number
}

/** The distinct event names of a batch, numbered in the order in which they came. */
export class EventNames {
  readonly names: string[] = []
  readonly #indexes = new Map<string, number>()
  /** Of names that came as bytes, one for each hash: a second one with the same hash is only found more slowly. */
  readonly #byHash = new Map<number, KnownName>()

  indexOf(name: string): number {
    const known = this.#indexes.get(name)
    if (known !== undefined) return known
    const index = this.names.push(name) - 1
    this.#indexes.set(name, index)
    return index
  }

  /** @param bytes `from..to` is the name in UTF-8, as it is without JSON's escapes */
  indexOfBytes(bytes: Uint8Array, from: number, to: number): number {
    let hash = 0
    for (let at = from; at < to; at++) hash = hashByte(hash, bytes[at] as number)
    const known = this.#byHash.get(hash)
    if (known !== undefined && isEqual(known.bytes, bytes, from, to)) return known.index
    const index = this.indexOf(textAt(bytes, from, to))
    this.#byHash.set(hash, { bytes: bytes.slice(from, to), index })
    return index
  }
}

function isEqual(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false
  for (let index = 0; index < name.length; index++) {
    if (name[index] !== bytes[from + index]) return false
  }
  return true
}
