import type { Kysely } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'

/** What operators call these projects. */
export async function readProjectNames(
  db: Kysely<Database>,
  ids: readonly ProjectId[],
): Promise<Map<ProjectId, string>> {
  if (ids.length === 0) return new Map()
  const rows = await orDatabaseAway(
    db.selectFrom('project').select(['id', 'name']).where('id', 'in', ids).execute(),
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
