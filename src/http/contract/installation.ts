/** Whether anything is set up yet, and setting it up. */
import { z } from 'zod'
import { parametersOf, textParameter } from './parameter.ts'

/** Of `GET /console/installation`. */
export const installationAnswer = z.strictObject({
  /** Whether there is a project; where there is none, the console makes the first one. */
  set_up: z.boolean(),
})

/** Body of `POST /console/installation`. */
export const setUpBody = parametersOf({
  setup_token: textParameter('setup_token', 'must be the token that penstock serve has printed'),
  name: textParameter('name', 'must be what people call the project'),
  timezone: textParameter(
    'timezone',
    'must be the IANA time zone of its days, like Europe/Berlin',
  ).optional(),
})

/** Of `POST /console/installation`, which signs in, too. */
export const setUpAnswer = z.strictObject({
  project_id: z.number().int(),
  token: z.string(),
  /** Told this once. */
  api_secret: z.string(),
})
