/** `/console/installation`: whether there is a project, and making the first one. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { ConsoleSessions } from '../../control/accounts/console-sessions.ts'
import type { Database } from '../../control/db/tables.ts'
import { hasProject, setUp } from '../../control/projects/set-up.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import { noParameters } from '../contract/console-session.ts'
import { installationAnswer, setUpAnswer, setUpBody } from '../contract/installation.ts'
import type { PipelineApp } from '../pipelines/pipeline-app.ts'
import { beginSession } from './begin-session.ts'

export interface InstallationRoutesDeps {
  db: Kysely<Database>
  sessions: ConsoleSessions
  /** The operator's own; undefined: those that serving processes have printed. */
  setupToken: string | undefined
}

/** @param admit counts an attempt of an address, or throws 429 */
export function installationRoutes(
  app: PipelineApp,
  { db, sessions, setupToken }: InstallationRoutesDeps,
  admit: (address: string) => void,
): void {
  const path = '/console/installation'
  const reading = {
    schema: { querystring: noParameters, response: { 200: installationAnswer } },
    exposeHeadRoute: false,
  }
  app.get(path, reading, async () => ({ set_up: await hasProject(db) }))
  const making = { body: setUpBody, response: { 200: setUpAnswer } }
  app.post(path, { schema: making }, async (request, reply) => {
    admit(request.ip)
    const { setup_token, name, timezone: timeZone = 'UTC' } = request.body
    const given = { setupToken: setup_token, name, timeZone }
    const project = await setUp(db, given, setupToken).catch((cause: unknown) => {
      logGuess(request, cause)
      throw cause
    })
    const said = { project: project.projectId, address: request.ip }
    request.log.info(said, 'the first project was made in the console; its set-up is closed')
    await signIn(sessions, request, reply, project.apiSecret)
    return { project_id: project.projectId, token: project.token, api_secret: project.apiSecret }
  })
}

/** Whoever tries to take an installation is seen. */
function logGuess(request: FastifyRequest, cause: unknown): void {
  if (!(cause instanceof PenstockError) || cause.code !== 'SETUP_TOKEN_UNKNOWN') return
  request.log.warn(
    { address: request.ip },
    'the first project was refused in the console: unknown set-up token',
  )
}

/** The secret is told this once, so it is told whatever becomes of the session. */
async function signIn(
  sessions: ConsoleSessions,
  request: FastifyRequest,
  reply: FastifyReply,
  secret: string,
): Promise<void> {
  try {
    await beginSession(sessions, request, reply, { secret })
  } catch (error) {
    request.log.warn({ err: error }, 'the first project is made, but nobody could be signed in to it')
  }
}
