/**
 * Reads an event where it stands in a request's bytes, without making objects of it: checks that it is JSON of the form and
 * size that check-event.ts and event-size.ts allow, and notes where what matters stands.
 *
 * One-sided: what it takes, they take as well, and JSON.parse makes the same of it. What is wrong, or only rare (an escape in
 * a key, a key that comes twice, a line break between two values, a top-level key of the client's own), it leaves to them.
 */
import { levelsMax, membersLimit } from '../limits.ts'
import {
  ascii,
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  isDigit,
  minus,
  openBrace,
  openBracket,
  quote,
  space,
  standsAt,
} from './ascii.ts'
import { hashByte, hashSeed, KeySet } from './key-set.ts'
import { isThere, noPlace, notThere, type Place, setPlace } from './place.ts'
import { endOfLiteral, endOfNumber, endOfString } from './scan-scalar.ts'

const eventKey = ascii('event')
const propertiesKey = ascii('properties')

/** The properties that ingest looks at. */
const knownKeys = [
  'time',
  'distinct_id',
  '$insert_id',
  'ip',
  'mp_event_time_ms',
  'mp_processing_time_ms',
] as const
type KnownKey = (typeof knownKeys)[number]

/** Known keys by their length, which differs from key to key. */
const knownByLength: ({ key: KnownKey; bytes: Uint8Array } | undefined)[] = []
for (const key of knownKeys) knownByLength[key.length] = { key, bytes: ascii(key) }

export class EventScanner {
  /** Objects and arrays in the events that were scanned, whatever came of them. */
  containers = 0
  /** Where the event begins. */
  start = 0
  readonly name = noPlace()
  readonly properties = noPlace()
  readonly known: Readonly<Record<KnownKey, Place>> = {
    time: noPlace(),
    distinct_id: noPlace(),
    $insert_id: noPlace(),
    ip: noPlace(),
    mp_event_time_ms: noPlace(),
    mp_processing_time_ms: noPlace(),
  }
  readonly #bytes: Uint8Array
  readonly #keys = new KeySet()
  /** Of the key that was read last. */
  #keyFrom = 0
  #keyTo = 0

  /** @param bytes valid UTF-8 */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** @param at an opening brace. Returns the place behind the event, or `notThere` where it is left to others. */
  scan(at: number): number {
    this.#forget()
    this.start = at
    const bytes = this.#bytes
    const first = this.#readMember(this.#skipSpaces(at + 1))
    if (first === notThere || bytes[first] !== comma) return notThere
    const end = this.#readMember(this.#skipSpaces(first + 1))
    if (end === notThere || bytes[end] !== closeBrace) return notThere
    return isThere(this.name) && isThere(this.properties) ? end + 1 : notThere
  }

  #forget(): void {
    this.#keys.clear()
    this.containers += 1
    this.name.from = notThere
    this.properties.from = notThere
    const { known } = this
    known.time.from = notThere
    known.distinct_id.from = notThere
    known.$insert_id.from = notThere
    known.ip.from = notThere
    known.mp_event_time_ms.from = notThere
    known.mp_processing_time_ms.from = notThere
  }

  /** `"event"` or `"properties"` and its value. Returns the place behind it and the spaces that follow. */
  #readMember(at: number): number {
    const value = this.#readKey(at, 0)
    if (value === notThere) return notThere
    const bytes = this.#bytes
    if (this.#isKey(eventKey)) {
      const end = bytes[value] === quote ? endOfString(bytes, value + 1) : notThere
      setPlace(this.name, value, end, notThere)
      return end === notThere ? notThere : this.#skipSpaces(end)
    }
    if (!this.#isKey(propertiesKey) || bytes[value] !== openBrace) return notThere
    const end = this.#readProperties(value)
    setPlace(this.properties, value, end, notThere)
    return end === notThere ? notThere : this.#skipSpaces(end)
  }

  #readProperties(at: number): number {
    const bytes = this.#bytes
    this.containers += 1
    const seed = hashSeed(this.containers)
    let before = notThere
    let next = this.#skipSpaces(at + 1)
    for (let count = 1; count < membersLimit; count++) {
      const value = this.#readKey(next, seed)
      if (value === notThere) return notThere
      const known = this.#knownKey()
      const end = this.#readValue(value, 0, 0)
      if (end === notThere) return notThere
      if (known !== undefined) setPlace(this.known[known], value, end, before)
      before = this.#skipSpaces(end)
      if (bytes[before] === closeBrace) return before + 1
      if (bytes[before] !== comma) return notThere
      next = this.#skipSpaces(before + 1)
    }
    return notThere
  }

  /** A key and its colon. Returns where its value begins. */
  #readKey(at: number, seed: number): number {
    const bytes = this.#bytes
    if (bytes[at] !== quote) return notThere
    let hash = seed
    let index = at + 1
    let byte = bytes[index] as number
    while (byte !== quote) {
      // With an escape two spellings of a key would look like two keys. Behind the last byte there is no number at all.
      if (byte === backslash || !(byte >= space)) return notThere
      hash = hashByte(hash, byte)
      index += 1
      byte = bytes[index] as number
    }
    this.#keyFrom = at + 1
    this.#keyTo = index
    if (!this.#keys.add(hash)) return notThere
    const behind = this.#skipSpaces(index + 1)
    return bytes[behind] === colon ? this.#skipSpaces(behind + 1) : notThere
  }

  #knownKey(): KnownKey | undefined {
    const length = this.#keyTo - this.#keyFrom
    const candidate = length < knownByLength.length ? knownByLength[length] : undefined
    return candidate !== undefined && this.#isKey(candidate.bytes) ? candidate.key : undefined
  }

  #isKey(key: Uint8Array): boolean {
    return this.#keyTo - this.#keyFrom === key.length && standsAt(this.#bytes, this.#keyFrom, key)
  }

  /** `objects` and `arrays` are the levels that lie around the value, below `properties`. */
  #readValue(at: number, objects: number, arrays: number): number {
    const bytes = this.#bytes
    const byte = bytes[at] as number
    if (byte === quote) return endOfString(bytes, at + 1)
    if (isDigit(byte) || byte === minus) return endOfNumber(bytes, at)
    if (byte === openBrace) return this.#readObject(at, objects + 1, arrays)
    if (byte === openBracket) return this.#readArray(at, objects, arrays + 1)
    return endOfLiteral(bytes, at)
  }

  #readObject(at: number, objects: number, arrays: number): number {
    if (objects > levelsMax) return notThere
    const bytes = this.#bytes
    this.containers += 1
    const seed = hashSeed(this.containers)
    let next = this.#skipSpaces(at + 1)
    if (bytes[next] === closeBrace) return next + 1
    for (let count = 1; count < membersLimit; count++) {
      const value = this.#readKey(next, seed)
      if (value === notThere) return notThere
      const end = this.#readValue(value, objects, arrays)
      if (end === notThere) return notThere
      const behind = this.#skipSpaces(end)
      if (bytes[behind] === closeBrace) return behind + 1
      if (bytes[behind] !== comma) return notThere
      next = this.#skipSpaces(behind + 1)
    }
    return notThere
  }

  #readArray(at: number, objects: number, arrays: number): number {
    if (arrays > levelsMax) return notThere
    const bytes = this.#bytes
    this.containers += 1
    let next = this.#skipSpaces(at + 1)
    if (bytes[next] === closeBracket) return next + 1
    for (let count = 1; count < membersLimit; count++) {
      const end = this.#readValue(next, objects, arrays)
      if (end === notThere) return notThere
      const behind = this.#skipSpaces(end)
      if (bytes[behind] === closeBracket) return behind + 1
      if (bytes[behind] !== comma) return notThere
      next = this.#skipSpaces(behind + 1)
    }
    return notThere
  }

  #skipSpaces(at: number): number {
    let index = at
    while (this.#bytes[index] === space) index += 1
    return index
  }
}
