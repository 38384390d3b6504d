/** The fields of an event line together with those of its user's profile. */
import type { Field, FieldValues } from './compile-expression.ts'
import { LineFields } from './line-fields.ts'
import type { Value } from './value.ts'

/** Values of a profile, in the order of the names that were asked for; undefined: there is no such profile. */
export type ProfileLookup = (distinctId: string) => readonly unknown[] | undefined

/** The id by which a profile is found, of an event's distinct_id; undefined for what is none. */
export function profileId(distinctId: unknown): string | undefined {
  if (typeof distinctId === 'string') return distinctId
  // As /engage names a profile by a number.
  return typeof distinctId === 'number' ? String(distinctId) : undefined
}

/** Names of the profile's properties that these fields ask for: the order of a lookup's values. */
export function userNames(fields: readonly Field[]): string[] {
  return fields.filter(({ of }) => of === 'user').map(({ name }) => name)
}

export class UserFields implements FieldValues {
  readonly #line: LineFields
  readonly #lookUp: ProfileLookup
  /** By the index of a field: its place among a profile's values; undefined: it is of the event. */
  readonly #places: (number | undefined)[]
  readonly #idField: number
  /** Of the line that was read last; null: not looked up yet. */
  #profile: readonly unknown[] | undefined | null = null

  constructor(fields: readonly Field[], lookUp: ProfileLookup) {
    this.#idField = fields.length
    this.#line = new LineFields([...fields, { of: 'properties', name: 'distinct_id' }])
    this.#lookUp = lookUp
    let place = 0
    this.#places = fields.map(({ of }) => (of === 'user' ? place++ : undefined))
  }

  read(bytes: Buffer, start: number, end: number, hasEscapes: boolean): void {
    this.#line.read(bytes, start, end, hasEscapes)
    this.#profile = null
  }

  valueOf(field: number): Value {
    const place = this.#places[field]
    if (place === undefined) return this.#line.valueOf(field)
    if (this.#profile === null) {
      const id = profileId(this.#line.valueOf(this.#idField))
      this.#profile = id === undefined ? undefined : this.#lookUp(id)
    }
    return this.#profile?.[place] as Value
  }
}
