/**
 * Which lines of a folder's members lose against a newer line of the same event.
 *
 * 1. scan: every dedup record is read once and becomes an entry of 8 bytes, ordered by the first bits of its key.
 * 2. match: one partition of the keys after another, lines whose keys look equal are found: the candidates.
 * 3. settle: only candidates are read as events and their identities compared, so that a hash collision never drops an
 *    event (invariant 6).
 *
 * No step holds more than its share of `keysInMemoryMax`; what is more goes through the spool (invariant 5). What grows
 * with the folder are a bit a line where duplicates are, and the members themselves.
 */
import type { RunInThread } from '../../threads/pool.ts'
import { openSpool, type Spool } from '../spool.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { candidateMembers } from './candidate-members.ts'
import { findCandidates } from './find-candidates.ts'
import { type FolderKeys, folderKeys } from './folder-keys.ts'
import { LosingLines } from './losing-lines.ts'
import { scanKeys } from './scan-keys.ts'
import { type Candidates, settleDuplicates } from './settle-duplicates.ts'

export interface FindDuplicatesDeps {
  store: Pick<EventStore, 'readInto' | 'readDedupRecords' | 'readMember' | 'readLineCommits'>
  run: RunInThread
  spoolFolder: string
  keysInMemoryMax: number
  signal: AbortSignal
}

/** Of equal events the newest line wins, as EventStore.readLineCommits says. */
export function findDuplicates(deps: FindDuplicatesDeps, members: Member[]): Promise<LosingLines> {
  return searchDuplicates(deps, members, ({ keys, candidates, losing, spool }) =>
    settleDuplicates({ ...deps, spool }, members, keys, candidates, losing),
  )
}

/** What has been found of a folder before anything is settled. */
export interface FoundDuplicates {
  keys: FolderKeys
  /** At least one. */
  candidates: Candidates
  /** For those that lose. */
  losing: LosingLines
  /** Until it is settled. */
  spool: Spool
}

/** @param settle is not asked where there are no candidates */
export async function searchDuplicates(
  deps: FindDuplicatesDeps,
  members: Member[],
  settle: (found: FoundDuplicates) => Promise<void>,
): Promise<LosingLines> {
  const losing = new LosingLines(members)
  const keys = folderKeys(members, deps.keysInMemoryMax)
  if (keys.locations.count < 2) return losing
  const spool = await openSpool(deps.spoolFolder)
  try {
    const blocks = await scanKeys({ ...deps, spool }, members, keys)
    const found = await findCandidates({ ...deps, spool }, blocks, keys)
    const candidates = { count: found.count, members: candidateMembers(spool, found, keys.locations) }
    if (found.count > 0) await settle({ keys, candidates, losing, spool })
    return losing
  } finally {
    await spool.close()
  }
}
