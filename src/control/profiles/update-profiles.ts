import { type Kysely, sql } from 'kysely'
import { parseKeepingDigits } from '../../exact-numbers/exact-numbers.ts'
import type { ProjectId } from '../../ids.ts'
import { applyUpdate, type Properties } from '../../profiles/apply-update.ts'
import type { ProfileName, ProfileUpdate } from '../../profiles/profile-update.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'

/** Of a profile as JSON: about what Mixpanel takes, and no row that would hurt. */
const profileBytesMax = 1024 * 1024

/**
 * Applies updates in their order; when it resolves they survive a power cut. Updates of one profile from several
 * requests come one after the other.
 * @returns indexes of updates that were left out, because their profile would have become larger than profileBytesMax
 * @throws PenstockError DATABASE_UNREACHABLE, retryable: none is acknowledged
 */
export async function updateProfiles(
  db: Kysely<Database>,
  projectId: ProjectId,
  updates: readonly ProfileUpdate[],
  nowMs: number,
): Promise<number[]> {
  if (updates.length === 0) return []
  return await orDatabaseAway(
    db.transaction().execute(async (tx) => {
      const profiles = await lockProfiles(tx, projectId, updates)
      const tooLarge: number[] = []
      for (const [index, update] of updates.entries()) {
        const profile = profiles.get(keyOf(update)) as Profile
        const after = applyUpdate(profile.properties, update)
        const bytes = bytesAfter(profile, update, after)
        if (bytes > profileBytesMax) tooLarge.push(index)
        else Object.assign(profile, { properties: after, bytes })
      }
      await writeProfiles(tx, projectId, [...profiles.values()], new Date(nowMs))
      return tooLarge
    }),
  )
}

interface Profile extends ProfileName {
  /** Undefined: not there. */
  properties: Properties | undefined
  /** As JSON, or somewhat more. */
  bytes: number
}

/** What one property takes beside what the update names: a list's brackets, the digits of a sum, when the user was seen. */
const propertyBytesMax = 64

/**
 * Of a profile after an update. Worked out only where the update could take it over the limit: a request may change one
 * profile two thousand times.
 */
function bytesAfter(before: Profile, update: ProfileUpdate, after: Properties | undefined): number {
  if (after === undefined) return 0
  const { set, setOnce, add, append, union, merge } = update
  const written = [set, setOnce, add, append, union, merge]
  const properties = written.reduce((sum, operation) => sum + Object.keys(operation).length, 1)
  const most = before.bytes + Buffer.byteLength(JSON.stringify(written)) + properties * propertyBytesMax
  return most <= profileBytesMax ? most : Buffer.byteLength(JSON.stringify(after))
}

function keyOf({ groupKey, id }: ProfileName): string {
  return JSON.stringify([groupKey, id])
}

/** Every profile is made before it is locked, in one order, so that no two requests wait for each other. */
async function lockProfiles(
  tx: Kysely<Database>,
  projectId: ProjectId,
  updates: readonly ProfileUpdate[],
): Promise<Map<string, Profile>> {
  const names = [...new Map(updates.map((update) => [keyOf(update), update])).values()]
  const groupKeys = names.map(({ groupKey }) => groupKey)
  const ids = names.map(({ id }) => id)
  await sql`
    insert into profile (project_id, group_key, id, properties, updated_at)
    select ${projectId}, group_key, id, '', now()
    from unnest(${groupKeys}::text[], ${ids}::text[]) as named (group_key, id)
    order by group_key collate "C", id collate "C"
    on conflict do nothing`.execute(tx)
  const { rows } = await sql<{ group_key: string; id: string; properties: string }>`
    select group_key, id, properties
    from profile
    join unnest(${groupKeys}::text[], ${ids}::text[]) as named (group_key, id) using (group_key, id)
    where project_id = ${projectId}
    order by group_key, id
    for update of profile`.execute(tx)
  return new Map(rows.map((row) => [keyOf({ groupKey: row.group_key, id: row.id }), profileOf(row)]))
}

function profileOf(row: { group_key: string; id: string; properties: string }): Profile {
  const properties = row.properties === '' ? undefined : (parseKeepingDigits(row.properties) as Properties)
  return { groupKey: row.group_key, id: row.id, properties, bytes: Buffer.byteLength(row.properties) }
}

async function writeProfiles(
  tx: Kysely<Database>,
  projectId: ProjectId,
  profiles: Profile[],
  now: Date,
): Promise<void> {
  await sql`
    update profile
    set properties = changed.properties, updated_at = ${now}
    from unnest(
      ${profiles.map(({ groupKey }) => groupKey)}::text[],
      ${profiles.map(({ id }) => id)}::text[],
      ${profiles.map(({ properties }) => (properties === undefined ? '' : JSON.stringify(properties)))}::text[]
    ) as changed (group_key, id, properties)
    where profile.project_id = ${projectId}
      and profile.group_key = changed.group_key
      and profile.id = changed.id`.execute(tx)
  await sql`delete from profile where project_id = ${projectId} and properties = '' and id = any(${profiles
    .filter(({ properties }) => properties === undefined)
    .map(({ id }) => id)}::text[])`.execute(tx)
}
