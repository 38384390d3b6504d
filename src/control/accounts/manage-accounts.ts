import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { hashSecret, newApiSecret } from '../projects/credentials.ts'
import { findProjectToken } from '../projects/manage-projects.ts'
import type { Role } from './roles.ts'

const nameLengthMax = 255
/** Of a user name; the rest of it tells accounts of like names apart. */
const slugLengthMax = 32

export interface CreatedAccount {
  username: string
  /** Known to nobody but the caller from here on. */
  secret: string
}

/** @throws PenstockError for a name that is not allowed, or that another account has */
export async function createAccount(db: Kysely<Database>, name: string): Promise<CreatedAccount> {
  const trimmed = name.trim()
  if (trimmed === '' || trimmed.length > nameLengthMax) {
    const found = `a service account's name has 1 to ${nameLengthMax} characters; this one has ${trimmed.length}`
    throw new PenstockError('caller', 'SERVICE_ACCOUNT_NAME_INVALID', found)
  }
  const username = `${slugOf(trimmed)}.${randomBytes(3).toString('hex')}.mp-service-account`
  const secret = newApiSecret()
  const created = await db
    .insertInto('service_account')
    .values({ name: trimmed, username, secret_hash: hashSecret(secret) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (created === undefined) {
    const taken = `there is a service account ${JSON.stringify(trimmed)} already; choose another name, or delete that one`
    throw new PenstockError('caller', 'SERVICE_ACCOUNT_NAME_TAKEN', taken)
  }
  return { username, secret }
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, slugLengthMax)
    .replace(/^-+|-+$/g, '')
  return slug === '' ? 'account' : slug
}

export interface ListedAccount {
  name: string
  username: string
  roles: { projectId: ProjectId; role: Role }[]
}

export async function listAccounts(db: Kysely<Database>): Promise<ListedAccount[]> {
  const accounts = await db
    .selectFrom('service_account')
    .select(['id', 'name', 'username'])
    .orderBy('id')
    .execute()
  const roles = await db.selectFrom('service_account_role').selectAll().orderBy('project_id').execute()
  return accounts.map(({ id, name, username }) => ({
    name,
    username,
    roles: roles
      .filter((each) => each.service_account_id === id)
      .map(({ project_id: projectId, role }) => ({ projectId, role })),
  }))
}

/** Gives an account a role in a project, in place of the one that it had there. */
export async function grantRole(
  db: Kysely<Database>,
  name: string,
  { projectId, role }: { projectId: ProjectId; role: Role },
): Promise<void> {
  const service_account_id = await findAccount(db, name)
  await findProjectToken(db, projectId)
  await db
    .insertInto('service_account_role')
    .values({ service_account_id, project_id: projectId, role })
    .onConflict((conflict) => conflict.columns(['service_account_id', 'project_id']).doUpdateSet({ role }))
    .execute()
}

/** Takes an account's role in a project away; it may have none. */
export async function revokeRole(db: Kysely<Database>, name: string, projectId: ProjectId): Promise<void> {
  const accountId = await findAccount(db, name)
  await db
    .deleteFrom('service_account_role')
    .where('service_account_id', '=', accountId)
    .where('project_id', '=', projectId)
    .execute()
}

/** Removes an account with its roles; its secret is refused within seconds. */
export async function deleteAccount(db: Kysely<Database>, name: string): Promise<void> {
  await db
    .deleteFrom('service_account')
    .where('id', '=', await findAccount(db, name))
    .execute()
}

/** @param name or its user name */
async function findAccount(db: Kysely<Database>, name: string): Promise<number> {
  const account = await db
    .selectFrom('service_account')
    .select('id')
    .where((is) => is.or([is('name', '=', name.trim()), is('username', '=', name.trim())]))
    .executeTakeFirst()
  if (account !== undefined) return account.id
  throw new PenstockError(
    'caller',
    'SERVICE_ACCOUNT_UNKNOWN',
    `there is no service account ${JSON.stringify(name)}; \`penstock service-account list\` shows those that there are`,
  )
}
