/** `/console/session`: signing in, who is signed in, signing out. */
import type { Kysely } from 'kysely'
import type { ConsoleSession, ConsoleSessions } from '../../control/accounts/console-sessions.ts'
import { mayManage } from '../../control/accounts/roles.ts'
import type { Database } from '../../control/db/tables.ts'
import { readProjectNames } from '../../control/projects/read-project-names.ts'
import {
  noParameters,
  type SessionAnswer,
  sessionAnswer,
  signInBody,
  signOutAnswer,
} from '../contract/console-session.ts'
import { unauthorized } from '../pipelines/authenticate.ts'
import type { PipelineApp } from '../pipelines/pipeline-app.ts'
import { beginSession } from './begin-session.ts'
import { clearSessionCookie, sessionToken } from './session-cookie.ts'

interface SessionRoutesDeps {
  db: Kysely<Database>
  sessions: ConsoleSessions
}

/** @param admit counts an attempt of an address, or throws 429 */
export function sessionRoutes(
  app: PipelineApp,
  { db, sessions }: SessionRoutesDeps,
  admit: (address: string) => void,
): void {
  const signedIn = async (token: string | undefined): Promise<SessionAnswer> => {
    const session = token === undefined ? undefined : await sessions.find(token, true)
    if (session === undefined) throw unauthorized('nobody is signed in here, or no more: sign in')
    return await describeSession(db, session)
  }
  const path = '/console/session'
  const answer = { 200: sessionAnswer }
  app.post(path, { schema: { body: signInBody, response: answer } }, async (request, reply) => {
    admit(request.ip)
    const token = await beginSession(sessions, request, reply, request.body)
    if (token === undefined) throw unauthorized(unknownSecret)
    return await signedIn(token)
  })
  const reading = { schema: { querystring: noParameters, response: answer }, exposeHeadRoute: false }
  app.get(path, reading, (request) => signedIn(sessionToken(request)))
  const ending = { querystring: noParameters, response: { 200: signOutAnswer } }
  app.delete(path, { schema: ending }, async (request, reply) => {
    const token = sessionToken(request)
    if (token !== undefined) await sessions.end(token)
    clearSessionCookie(request, reply)
    return { status: 'ok' } as const
  })
}

const unknownSecret =
  "the secret is not known: it is a project's API secret, or with username the secret of a service account; a project's token does not open the console"

async function describeSession(
  db: Kysely<Database>,
  { access, expiresAtMs }: ConsoleSession,
): Promise<SessionAnswer> {
  const roles =
    'project' in access
      ? [{ ...access.project, role: 'secret' as const, may: true }]
      : [...access.account.values()].map((each) => ({ ...each, may: mayManage(each.role) }))
  const names = await readProjectNames(
    db,
    roles.map(({ id }) => id),
  )
  return {
    username: 'username' in access ? access.username : null,
    projects: roles.map(({ id, token, timeZone, role, may }) => ({
      project_id: id,
      name: names.get(id) ?? '',
      token,
      timezone: timeZone,
      role,
      may_manage: may,
    })),
    expires_at: new Date(expiresAtMs).toISOString(),
  }
}
