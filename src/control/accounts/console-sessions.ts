/**
 * Sessions of the console. What a cookie holds is random and kept as a hash only; every process finds it in the database, so
 * a session that is ended, or whose secret was rotated, is over everywhere with the next call.
 *
 *   signed in ──a call──▶ signed in (moved on)     ──signed out, secret rotated, account or project gone, too long──▶ over
 */
import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'
import { hashSecret } from '../projects/credentials.ts'
import type { DirectoryProject } from '../projects/project-directory.ts'
import { ownQuotaOf, quotaColumns } from '../projects/quota.ts'
import { findAccount, type ServiceAccount } from './account-directory.ts'

/** What a session opens, as its credential does. */
type SessionAccess = { project: DirectoryProject } | { account: ServiceAccount; username: string }

export interface ConsoleSession {
  access: SessionAccess
  expiresAtMs: number
}

/** @throws PenstockError DATABASE_UNREACHABLE while the database is away */
export interface ConsoleSessions {
  /** Gives what the cookie is to hold; undefined where the credential is not known. */
  begin(credential: { username?: string | undefined; secret: string }): Promise<string | undefined>
  /** @param isUsed moves its end on; undefined: it is over, or there is none */
  find(token: string, isUsed: boolean): Promise<ConsoleSession | undefined>
  end(token: string): Promise<void>
}

/** An end is moved on at most once in this time: a page makes many calls at once. */
const moveEveryMs = 60_000
/** Sessions that are over and deleted by one sign-in. */
const sweptMax = 1000
const tokenForm = /^[0-9a-f]{64}$/

export function createConsoleSessions(
  db: Kysely<Database>,
  clock: Clock,
  sessionMs: number,
): ConsoleSessions {
  return {
    begin: async ({ username, secret }) => {
      const owner = await orDatabaseAway(findOwner(db, username, hashSecret(secret)))
      if (owner === undefined) return undefined
      const nowMs = clock.nowMs()
      const token = randomBytes(32).toString('hex')
      await orDatabaseAway(sweep(db, nowMs))
      const row = {
        ...{ project_id: null, service_account_id: null, ...owner },
        token_hash: hashSecret(token),
        secret_hash: hashSecret(secret),
        created_at: new Date(nowMs),
        expires_at: new Date(nowMs + sessionMs),
      }
      await orDatabaseAway(db.insertInto('console_session').values(row).execute())
      return token
    },
    find: async (token, isUsed) => {
      if (!tokenForm.test(token)) return undefined
      const nowMs = clock.nowMs()
      const hash = hashSecret(token)
      const session = await orDatabaseAway(findSession(db, hash, nowMs))
      if (session === undefined) return undefined
      const endMs = nowMs + sessionMs
      if (!isUsed || endMs - session.expiresAtMs < moveEveryMs) return session
      await orDatabaseAway(moveEnd(db, hash, endMs))
      return { ...session, expiresAtMs: endMs }
    },
    end: async (token) => {
      if (!tokenForm.test(token)) return
      const ended = db.deleteFrom('console_session').where('token_hash', '=', hashSecret(token))
      await orDatabaseAway(ended.execute())
    },
  }
}

async function findOwner(db: Kysely<Database>, username: string | undefined, secretHash: Buffer) {
  if (username === undefined) {
    const project = await db
      .selectFrom('project')
      .select('id as project_id')
      .where('api_secret_hash', '=', secretHash)
      .executeTakeFirst()
    return project
  }
  return await db
    .selectFrom('service_account')
    .select('id as service_account_id')
    .where('username', '=', username)
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst()
}

async function findSession(
  db: Kysely<Database>,
  tokenHash: Buffer,
  nowMs: number,
): Promise<ConsoleSession | undefined> {
  // A secret that was rotated since joins to nothing.
  const row = await db
    .selectFrom('console_session as session')
    .leftJoin('project', (join) =>
      join
        .onRef('project.id', '=', 'session.project_id')
        .onRef('project.api_secret_hash', '=', 'session.secret_hash'),
    )
    .leftJoin('service_account as account', (join) =>
      join
        .onRef('account.id', '=', 'session.service_account_id')
        .onRef('account.secret_hash', '=', 'session.secret_hash'),
    )
    .select(['session.expires_at', 'session.secret_hash', 'account.username'])
    .select(['project.id', 'project.token', 'project.time_zone', 'project.cuts_strings', ...quotaColumns])
    .where('session.token_hash', '=', tokenHash)
    .where('session.expires_at', '>', new Date(nowMs))
    .executeTakeFirst()
  if (row === undefined) return undefined
  const expiresAtMs = row.expires_at.getTime()
  const { id, token, time_zone: timeZone, cuts_strings: cutsStrings, username } = row
  if (id !== null && token !== null && timeZone !== null && cutsStrings !== null) {
    return { access: { project: { id, token, timeZone, cutsStrings, quota: ownQuotaOf(row) } }, expiresAtMs }
  }
  if (username === null) return undefined
  const account = await findAccount(db, row.secret_hash, username)
  return account && { access: { account, username }, expiresAtMs }
}

async function moveEnd(db: Kysely<Database>, tokenHash: Buffer, endMs: number): Promise<void> {
  await db
    .updateTable('console_session')
    .set({ expires_at: new Date(endMs) })
    .where('token_hash', '=', tokenHash)
    .execute()
}

async function sweep(db: Kysely<Database>, nowMs: number): Promise<void> {
  const over = db
    .selectFrom('console_session')
    .select('token_hash')
    .where('expires_at', '<=', new Date(nowMs))
    .orderBy('expires_at')
    .limit(sweptMax)
  await db.deleteFrom('console_session').where('token_hash', 'in', over).execute()
}
