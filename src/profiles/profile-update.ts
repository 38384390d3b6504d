import type { ExactNumber } from '../exact-numbers/exact-sum.ts'

/** Which profile: a user's by `$distinct_id`, or a group's by the name of its key and its id. */
export interface ProfileName {
  /** Empty for users. */
  groupKey: string
  id: string
}

/**
 * What one record of /engage or /groups does to a profile, in the order of these fields.
 * Meanings: Mixpanel's reference of its profile updates.
 */
export interface ProfileUpdate extends ProfileName {
  /** Removes the profile, with all that came before. */
  isDelete: boolean
  set: Record<string, unknown>
  /** Only where there is no such property. */
  setOnce: Record<string, unknown>
  /** Added to numbers; a missing property counts as 0. */
  add: Record<string, ExactNumber>
  /** One more element of a list. */
  append: Record<string, unknown>
  /** Elements that a list gets where it does not hold them. */
  union: Record<string, unknown[]>
  /** An element that a list loses, wherever it stands in it. */
  remove: Record<string, unknown>
  /** Keys of an object: those that it has are replaced. */
  merge: Record<string, Record<string, unknown>>
  unset: string[]
  /** When the user was last seen, milliseconds since the epoch; null where the update says nothing of it. */
  seenMs: number | null
}
