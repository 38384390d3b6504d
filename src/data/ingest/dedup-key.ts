import { hash } from 'node:crypto'

export const dedupKeyBytes = 16

/**
 * What makes two events the same one: their name, time in milliseconds, distinct_id and $insert_id. The text is
 * compared before anything is dropped, so that no hash collision ever drops an event (invariant 6).
 */
export function eventIdentity(name: string, timeMs: number, distinctId: unknown, insertId: unknown): string {
  return JSON.stringify([name, timeMs, distinctId ?? null, insertId ?? null])
}

/** Gives a dedup key as text, a character for each byte: a buffer for each key would cost more than its hash. */
export type DedupHash = (identity: string | Uint8Array) => string

/** MD5: fast, and a collision is caught by comparing identities. */
export const dedupKey: DedupHash = (identity) => hash('md5', identity, 'binary')
