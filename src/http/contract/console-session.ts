/** Who is signed in at the console. */
import { z } from 'zod'
import { roles } from '../../control/accounts/roles.ts'
import { parametersOf, textParameter } from './parameter.ts'

/**
 * Sent with every call but GET and HEAD that relies on the session's cookie: other sites' pages can't set it without being
 * asked for permission first, and none is given.
 */
export const consoleHeader = 'x-penstock-console'

/** Body of `POST /console/session`. */
export const signInBody = parametersOf({
  username: textParameter('username', "must be a service account's user name").optional(),
  secret: textParameter('secret', "must be a project's API secret, or the secret of a service account"),
})

/** Of `GET` and `DELETE /console/session`. */
export const noParameters = parametersOf({})

const sessionProject = z.strictObject({
  project_id: z.number().int(),
  name: z.string(),
  /** Not secret: SDKs send events with it, and it is the external ID of the project's roles. */
  token: z.string(),
  timezone: z.string(),
  /** `secret`: signed in with the project's own API secret. */
  role: z.enum(['secret', ...roles]),
  /** Whether pipelines and events of the project are shown; roles that may not are refused with 403. */
  may_manage: z.boolean(),
})

/** Of `POST` and `GET /console/session`. */
export const sessionAnswer = z.strictObject({
  /** Of a service account; null with a project's API secret. */
  username: z.string().nullable(),
  projects: z.array(sessionProject),
  /** Each call moves it on. */
  expires_at: z.iso.datetime(),
})

/** Of `DELETE /console/session`: it is over, also where it was before. */
export const signOutAnswer = z.strictObject({ status: z.literal('ok') })

export type SessionAnswer = z.output<typeof sessionAnswer>
