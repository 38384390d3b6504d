/** Who a credential belongs to, for every request: look-ups with a short memory. */
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
import type { ProjectId, ProjectToken } from '../../ids.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'
import { remember } from '../remember.ts'
import { hashSecret } from './credentials.ts'
import { type OwnQuota, ownQuotaOf, quotaColumns } from './quota.ts'

export interface DirectoryProject {
  id: ProjectId
  token: ProjectToken
  timeZone: string
  cutsStrings: boolean
  quota: OwnQuota
}

/** @throws PenstockError DATABASE_UNREACHABLE while a credential that isn't in memory can't be looked up */
export interface ProjectDirectory {
  bySecret(secret: string): Promise<DirectoryProject | undefined>
  byToken(token: string): Promise<DirectoryProject | undefined>
}

const credentialForm = /^[0-9a-f]{32}$/

export function createProjectDirectory(db: Kysely<Database>, clock: Clock): ProjectDirectory {
  const bySecret = remember(clock, (hash: string) =>
    findProject(db, 'api_secret_hash', Buffer.from(hash, 'hex')),
  )
  const byToken = remember(clock, (token: string) => findProject(db, 'token', token))
  return {
    // Found by the hash, whose bits tell nothing of how near a guess was. And no secret is kept in memory.
    bySecret: async (secret) =>
      credentialForm.test(secret) ? await bySecret(hashSecret(secret).toString('hex')) : undefined,
    byToken: async (token) => (credentialForm.test(token) ? await byToken(token) : undefined),
  }
}

async function findProject(
  db: Kysely<Database>,
  column: 'api_secret_hash' | 'token',
  value: Buffer | string,
): Promise<DirectoryProject | undefined> {
  const row = await orDatabaseAway(
    db
      .selectFrom('project')
      .select(['id', 'token', 'time_zone', 'cuts_strings', ...quotaColumns])
      .where(column, '=', value as never)
      .executeTakeFirst(),
  )
  if (row === undefined) return undefined
  const { id, token, time_zone: timeZone, cuts_strings: cutsStrings } = row
  return { id, token, timeZone, cutsStrings, quota: ownQuotaOf(row) }
}
