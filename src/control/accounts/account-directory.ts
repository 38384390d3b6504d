/** What a service account may do, for every request: look-ups with a short memory. */
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
import type { ProjectId, ProjectToken } from '../../ids.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'
import { hashSecret } from '../projects/credentials.ts'
import { type OwnQuota, ownQuotaOf, quotaColumns } from '../projects/quota.ts'
import { remember } from '../remember.ts'
import type { Role } from './roles.ts'

/** A project in which an account has a role. */
interface AccountProject {
  id: ProjectId
  token: ProjectToken
  timeZone: string
  cutsStrings: boolean
  quota: OwnQuota
  role: Role
}

/** The projects of an account, by id. */
export type ServiceAccount = ReadonlyMap<number, AccountProject>

/** @throws PenstockError DATABASE_UNREACHABLE while a credential that isn't in memory can't be looked up */
export interface AccountDirectory {
  /** Undefined where user name and secret are not those of an account. */
  byCredentials(username: string, secret: string): Promise<ServiceAccount | undefined>
}

/** As manage-accounts.ts makes them; nothing else is looked up or kept in memory. */
const usernameForm = /^[a-z0-9-]{1,32}\.[0-9a-f]{6}\.mp-service-account$/
const secretForm = /^[0-9a-f]{32}$/
const secretHashDigits = 64

export function createAccountDirectory(db: Kysely<Database>, clock: Clock): AccountDirectory {
  // Told apart by the secret's hash, whose bits tell nothing of how near a guess was. And no secret is kept in memory.
  const lookUp = remember(clock, (key: string) =>
    findAccount(db, Buffer.from(key.slice(0, secretHashDigits), 'hex'), key.slice(secretHashDigits)),
  )
  return {
    byCredentials: async (username, secret) =>
      usernameForm.test(username) && secretForm.test(secret)
        ? await lookUp(`${hashSecret(secret).toString('hex')}${username}`)
        : undefined,
  }
}

/** Undefined where user name and hash are not those of an account. */
export async function findAccount(
  db: Kysely<Database>,
  secretHash: Buffer,
  username: string,
): Promise<ServiceAccount | undefined> {
  // An account without a role gives a row as well: it is known, and has no project.
  const rows = await orDatabaseAway(
    db
      .selectFrom('service_account')
      .leftJoin('service_account_role', 'service_account_role.service_account_id', 'service_account.id')
      .leftJoin('project', 'project.id', 'service_account_role.project_id')
      .select([
        'project.id',
        'project.token',
        'project.time_zone',
        'project.cuts_strings',
        'service_account_role.role',
        ...quotaColumns,
      ])
      .where('service_account.username', '=', username)
      .where('service_account.secret_hash', '=', secretHash)
      .execute(),
  )
  if (rows.length === 0) return undefined
  const projects = rows.flatMap(
    ({ id, token, time_zone: timeZone, cuts_strings: cutsStrings, role, ...row }): AccountProject[] =>
      id === null || token === null || timeZone === null || cutsStrings === null || role === null
        ? []
        : [{ id, token, timeZone, cutsStrings, quota: ownQuotaOf(row), role }],
  )
  return new Map(projects.map((project) => [project.id, project]))
}
