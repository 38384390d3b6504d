/** `/console/session`: signing in, who is signed in, signing out. Mounted at the root. */
import type { FastifyError, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
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
import { answerError } from '../pipelines/answer-error.ts'
import { unauthorized } from '../pipelines/authenticate.ts'
import { addBodyParsers, pairsOf } from '../pipelines/body-parsers.ts'
import { gatherParameters, readForm } from '../pipelines/read-parameters.ts'
import { refuseForeignPages } from './same-origin.ts'
import { clearSessionCookie, sessionToken, setSessionCookie } from './session-cookie.ts'
import { createSignInLimit } from './sign-in-limit.ts'

export interface SessionRoutesDeps {
  db: Kysely<Database>
  clock: Clock
  sessions: ConsoleSessions
  signInsPerMinuteMax: number
}

export function sessionRoutes(deps: SessionRoutesDeps): FastifyPluginAsync {
  const { db, clock, sessions } = deps
  const admit = createSignInLimit(clock, deps.signInsPerMinuteMax)
  const signedIn = async (token: string | undefined): Promise<SessionAnswer> => {
    const session = token === undefined ? undefined : await sessions.find(token, true)
    if (session === undefined) throw unauthorized('nobody is signed in here, or no more: sign in')
    return await describeSession(db, session)
  }
  return async (instance) => {
    const app = instance.withTypeProvider<ZodTypeProvider>()
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    app.setErrorHandler<FastifyError>((error, request, reply) => answerError(error, request, reply))
    app.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store')
      refuseForeignPages(request)
    })
    addBodyParsers(app)
    app.addHook('preValidation', async (request) => readParameters(request))

    const path = '/console/session'
    const answer = { 200: sessionAnswer }
    app.post(path, { schema: { body: signInBody, response: answer } }, async (request, reply) => {
      admit(request.ip)
      const token = await sessions.begin(request.body)
      if (token === undefined) throw unauthorized(unknownSecret)
      // Whoever was signed in here before is so no more.
      const former = sessionToken(request)
      if (former !== undefined) await sessions.end(former)
      setSessionCookie(request, reply, token)
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

function readParameters(request: FastifyRequest): void {
  request.body = gatherParameters(pairsOf(request.body))
  const query = request.raw.url?.split('?').slice(1).join('?') ?? ''
  request.query = gatherParameters(readForm(query, 'query'))
}
