/**
 * Finds the fields that an expression asks for in the bytes of an event line, and parses their values only. What it finds
 * is what JSON.parse of the whole line would give: nested objects, escaped keys and repeated keys included.
 */
import type { Field, FieldValues } from './compile-expression.ts'
import { hasEscape, isSpace, stringEnd, valueEnd } from './json-places.ts'
import { parseValue } from './parse-value.ts'
import type { Value } from './value.ts'

const quote = 0x22
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d

/** The object whose members are being read: the line itself, or `properties` in it. */
type Level = Exclude<Field['of'], 'user'>

interface Key {
  name: string
  /** As JSON.stringify writes it, without its quotes. */
  bytes: Uint8Array
  field: number
}

/** Fields of users are not in the line: they have no value here. */
export class LineFields implements FieldValues {
  readonly #keys: Record<Level, Key[]>
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  #bytes: Buffer = Buffer.alloc(0)
  #hasEscapes = true

  constructor(fields: readonly Field[]) {
    const keysOf = (level: Level) =>
      fields.flatMap(({ of, name }, field) => (of === level ? [makeKey(name, field)] : []))
    this.#keys = { event: keysOf('event'), properties: keysOf('properties') }
    this.#starts = new Int32Array(fields.length)
    this.#ends = new Int32Array(fields.length)
  }

  /**
   * Reads the line at these places of `bytes`; its values can be asked for until the next one is read.
   * @param hasEscapes false only where no backslash stands in the line, which saves looking for one
   */
  read(bytes: Buffer, start: number, end: number, hasEscapes: boolean): void {
    this.#bytes = bytes
    this.#hasEscapes = hasEscapes
    this.#starts.fill(-1)
    this.#readMembers(start, end, 'event')
  }

  valueOf(field: number): Value {
    const start = this.#starts[field] ?? -1
    return start === -1
      ? undefined
      : parseValue(this.#bytes, start, this.#ends[field] ?? start, this.#hasEscapes)
  }

  /** Where the value of a field stands in the bytes; undefined where the line has none. */
  placeOf(field: number): { start: number; end: number } | undefined {
    const start = this.#starts[field] ?? -1
    return start === -1 ? undefined : { start, end: this.#ends[field] ?? start }
  }

  /** Reads the members of the object that opens at `start`; returns the place behind it. */
  #readMembers(start: number, end: number, level: Level): number {
    const bytes = this.#bytes
    const keys = this.#keys[level]
    let at = start + 1
    while (at < end) {
      const byte = bytes[at]
      if (byte === closeBrace) break
      if (byte !== quote) {
        // A comma, or space.
        at += 1
        continue
      }
      const keyStart = at + 1
      const keyEnd = stringEnd(bytes, keyStart, end)
      const valueStart = afterColon(bytes, keyEnd + 1, end)
      if (level === 'event' && this.#isKey(propertiesKey, keyStart, keyEnd)) {
        at = this.#readProperties(valueStart, end)
        continue
      }
      at = valueEnd(bytes, valueStart, end)
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index] as Key
        if (
          (keyEnd - keyStart === key.bytes.length || this.#hasEscapes) &&
          this.#isKey(key, keyStart, keyEnd)
        ) {
          this.#starts[key.field] = valueStart
          this.#ends[key.field] = at
        }
      }
    }
    return at + 1
  }

  /** Where a key stands twice its last value counts, as in JSON.parse: what an earlier `properties` held is forgotten. */
  #readProperties(start: number, end: number): number {
    for (const { field } of this.#keys.properties) this.#starts[field] = -1
    if (this.#bytes[start] === openBrace) return this.#readMembers(start, end, 'properties')
    return valueEnd(this.#bytes, start, end)
  }

  #isKey({ bytes, name }: Key, start: number, end: number): boolean {
    const line = this.#bytes
    const length = end - start
    if (length === bytes.length) {
      let place = 0
      while (place < length && line[start + place] === bytes[place]) place += 1
      if (place === length) return true
    }
    // The same key in another spelling has escapes, and those make it longer than its name.
    if (!this.#hasEscapes || length <= name.length || !hasEscape(line, start, end)) return false
    return JSON.parse(line.toString('utf8', start - 1, end + 1)) === name
  }
}

function afterColon(bytes: Uint8Array, at: number, end: number): number {
  let place = at
  while (place < end && (bytes[place] === colon || isSpace(bytes[place]))) place += 1
  return place
}

function makeKey(name: string, field: number): Key {
  return { name, bytes: Buffer.from(JSON.stringify(name).slice(1, -1)), field }
}

const propertiesKey = makeKey('properties', -1)
