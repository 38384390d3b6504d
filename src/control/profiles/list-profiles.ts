import type { Kysely } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'

export interface ProfilePage {
  /** Empty for users. */
  groupKey: string
  /** The id after which the page begins; undefined for the first. */
  after: string | undefined
  limit: number
}

interface ListedProfile {
  id: string
  /** JSON object. */
  properties: string
}

/** Profiles in the order of the bytes of their ids. */
export async function listProfiles(
  db: Kysely<Database>,
  projectId: ProjectId,
  { groupKey, after, limit }: ProfilePage,
): Promise<ListedProfile[]> {
  const query = db
    .selectFrom('profile')
    .select(['id', 'properties'])
    .where('project_id', '=', projectId)
    .where('group_key', '=', groupKey)
    .orderBy('id')
    .limit(limit)
  return await orDatabaseAway((after === undefined ? query : query.where('id', '>', after)).execute())
}
