import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'

/** Profiles that are held at once, as JSON. One alone may be larger than its share: it has up to 1 MiB. */
const profileBytesMax = 4 * 1024 * 1024

interface Wanted {
  projectId: ProjectId
  ids: readonly string[]
  /** Of properties. */
  names: readonly string[]
}

/**
 * Of users' profiles the values of some properties, in rounds of bounded size, by the users' ids: each id with one round,
 * those without a profile with an empty list. Each round is what the profiles are when it is read.
 */
export async function* readProfileValues(
  db: Kysely<Database>,
  { projectId, ids, names }: Wanted,
): AsyncGenerator<Map<string, unknown[]>> {
  const sizes = await readSizes(db, projectId, ids)
  for (const round of rounds(ids, sizes)) {
    const values = new Map(round.map((id): [string, unknown[]] => [id, []]))
    const there = round.filter((id) => sizes.has(id))
    for (const { id, properties } of await readProfiles(db, projectId, there)) {
      // A profile that a request in this moment makes is empty still.
      const profile: object = properties === '' ? {} : JSON.parse(properties)
      values.set(
        id,
        names.map((name) => (Object.hasOwn(profile, name) ? profile[name as keyof object] : undefined)),
      )
    }
    yield values
  }
}

async function readSizes(
  db: Kysely<Database>,
  projectId: ProjectId,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('profile')
    .select(['id', sql<number>`octet_length(properties)`.as('bytes')])
    .where('project_id', '=', projectId)
    .where('group_key', '=', '')
    .where('id', '=', anyOf(ids.filter(isStorable)))
    .execute()
  return new Map(rows.map(({ id, bytes }) => [id, bytes]))
}

async function readProfiles(db: Kysely<Database>, projectId: ProjectId, ids: readonly string[]) {
  if (ids.length === 0) return []
  return await db
    .selectFrom('profile')
    .select(['id', 'properties'])
    .where('project_id', '=', projectId)
    .where('group_key', '=', '')
    .where('id', '=', anyOf(ids))
    .execute()
}

function* rounds(ids: readonly string[], sizes: ReadonlyMap<string, number>): Generator<string[]> {
  let round: string[] = []
  let bytes = 0
  for (const id of ids) {
    const size = sizes.get(id) ?? 0
    if (round.length > 0 && bytes + size > profileBytesMax) {
      yield round
      round = []
      bytes = 0
    }
    round.push(id)
    bytes += size
  }
  // One at least: lines without an id are matched with any round.
  yield round
}

/** One parameter for any number of ids. */
function anyOf(ids: readonly string[]) {
  return sql<string>`any(${ids}::text[])`
}

/** What PostgreSQL can't keep no profile is named by. */
function isStorable(id: string): boolean {
  return !id.includes('\0') && id.isWellFormed()
}
