/** Who a credential belongs to, for every request: look-ups with a short memory. */
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
import type { ProjectId, ProjectToken } from '../../ids.ts'
import { orDatabaseAway } from '../db/database-away.ts'
import type { Database } from '../db/tables.ts'
import { hashSecret } from './credentials.ts'

interface DirectoryProject {
  id: ProjectId
  token: ProjectToken
  timeZone: string
}

/** @throws PenstockError DATABASE_UNREACHABLE while a credential that isn't in memory can't be looked up */
export interface ProjectDirectory {
  bySecret(secret: string): Promise<DirectoryProject | undefined>
  byToken(token: string): Promise<DirectoryProject | undefined>
}

/** A rotated secret or a deleted project is refused after this time at the latest, in every process. */
const memoryMs = 2000
/** Credentials in memory; of unknown ones too, so a flood of guesses neither fills it nor reaches the database twice. */
const entriesMax = 10_000

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
      .select(['id', 'token', 'time_zone'])
      .where(column, '=', value as never)
      .executeTakeFirst(),
  )
  return row === undefined ? undefined : { id: row.id, token: row.token, timeZone: row.time_zone }
}

type LookUp = (key: string) => Promise<DirectoryProject | undefined>

/** One look-up a key at a time; its answer, a failure excepted, is good for `memoryMs`. */
function remember(clock: Clock, lookUp: LookUp): LookUp {
  const entries = new Map<string, { answer: Promise<DirectoryProject | undefined>; askedMs: number }>()
  return async (key) => {
    const known = entries.get(key)
    if (known !== undefined && isFresh(clock.nowMs() - known.askedMs)) return await known.answer
    const answer = lookUp(key)
    entries.delete(key)
    entries.set(key, { answer, askedMs: clock.nowMs() })
    // A Map keeps its order of insertion: the first key is the one that was looked up longest ago.
    const [oldest] = entries.keys()
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest)
    try {
      return await answer
    } catch (cause) {
      entries.delete(key)
      throw cause
    }
  }
}

/** A clock that was set back must not make an answer last longer. */
function isFresh(ageMs: number): boolean {
  return ageMs >= 0 && ageMs < memoryMs
}
