import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ConsoleSessions } from '../../control/accounts/console-sessions.ts'
import { sessionToken, setSessionCookie } from './session-cookie.ts'

/** Signs in: the answer takes the cookie along. Undefined where the credential is not known. */
export async function beginSession(
  sessions: ConsoleSessions,
  request: FastifyRequest,
  reply: FastifyReply,
  credential: { username?: string | undefined; secret: string },
): Promise<string | undefined> {
  const token = await sessions.begin(credential)
  if (token === undefined) return undefined
  // Whoever was signed in here before is so no more.
  const former = sessionToken(request)
  if (former !== undefined) await sessions.end(former)
  setSessionCookie(request, reply, token)
  return token
}
