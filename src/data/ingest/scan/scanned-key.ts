import { dedupKey } from '../dedup-key.ts'
import type { EventScanner } from './event-scanner.ts'
import { createScannedIdentity } from './scanned-identity.ts'

/** Makes the dedup key of the event that the scanner has read; undefined where its ids are too long for that. */
export type ScannedKey = (scanner: EventScanner, timeMs: number) => string | undefined

/** @param bytes what the scanner reads */
export function createScannedKey(bytes: Uint8Array): ScannedKey {
  const identityOf = createScannedIdentity(bytes)
  return (scanner, timeMs) => {
    const identity = identityOf(scanner, timeMs)
    return identity && dedupKey(identity)
  }
}
