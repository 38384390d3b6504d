/**
 * Setting an installation up: its first project is made in the console, by whoever has the set-up token.
 *
 *   no project ──the token, or `project create`──▶ set up ──its last project is deleted──▶ no project
 *
 * What a process has printed is known by its hash to every process of the database. The first project takes all tokens away.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { Database } from '../db/tables.ts'
import { hashSecret } from './credentials.ts'
import { type CreatedProject, createProject, type NewProject } from './manage-projects.ts'

/** Of processes that were started while there was no project: of more, the oldest are good no more. */
const tokensMax = 100

export async function hasProject(db: Kysely<Database>): Promise<boolean> {
  const found = await db.selectFrom('project').select('id').limit(1).executeTakeFirst()
  return found !== undefined
}

/** Gives a token with which whoever has it may make the first project, in whichever process. */
export async function issueSetupToken(db: Kysely<Database>): Promise<string> {
  const token = randomBytes(16).toString('hex')
  await db
    .insertInto('setup_token')
    .values({ token_hash: hashSecret(token) })
    .execute()
  const newest = db
    .selectFrom('setup_token')
    .select('token_hash')
    .orderBy('created_at', 'desc')
    .limit(tokensMax)
  await db.deleteFrom('setup_token').where('token_hash', 'not in', newest).execute()
  return token
}

/**
 * Makes the first project. Of several who ask at once, in whichever processes, one gets it.
 * @param configured the operator's own token, in place of those that were printed
 * @throws PenstockError SETUP_DONE, SETUP_TOKEN_UNKNOWN, or as createProject
 */
export async function setUp(
  db: Kysely<Database>,
  given: { setupToken: string } & NewProject,
  configured: string | undefined,
): Promise<CreatedProject> {
  // In this order: the first project takes the tokens away, and who was beaten is told of it, not of a wrong token.
  const known = await isKnown(db, hashSecret(given.setupToken), configured)
  if (await hasProject(db)) throw setupDone()
  // Whoever has no token must not hold the lock below.
  if (!known) throw tokenUnknown()
  return await db.transaction().execute(async (tx) => {
    // Whoever adds a project waits for this, `project create` too, of whatever version; reading goes on beside it.
    await sql`lock table project in share row exclusive mode`.execute(tx)
    if (await hasProject(tx)) throw setupDone()
    return await createProject(tx, given)
  })
}

async function isKnown(db: Kysely<Database>, hash: Buffer, configured: string | undefined): Promise<boolean> {
  if (configured !== undefined) return timingSafeEqual(hash, hashSecret(configured))
  const found = await db
    .selectFrom('setup_token')
    .select('token_hash')
    .where('token_hash', '=', hash)
    .executeTakeFirst()
  return found !== undefined
}

function setupDone(): PenstockError {
  const message =
    'there is a project already: sign in with its API secret; further ones are made with penstock project create'
  return new PenstockError('caller', 'SETUP_DONE', message)
}

function tokenUnknown(): PenstockError {
  const message =
    'the set-up token is not known: penstock serve prints it when it starts and there is no project, unless PENSTOCK_SETUP_TOKEN says which one it is'
  return new PenstockError('caller', 'SETUP_TOKEN_UNKNOWN', message)
}
