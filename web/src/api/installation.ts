/** Whether there is a project, and making the first one. */
import { queryOptions, useQueryClient } from '@tanstack/react-query'
import type { InstallationAnswer, SetUpAnswer } from './answers.ts'
import { get, post } from './request.ts'
import { sessionQuery } from './session.ts'

const path = '/console/installation'

export const installationQuery = queryOptions({
  queryKey: ['installation'],
  queryFn: ({ signal }) => get<InstallationAnswer>(path, {}, signal),
  // Signing in must not wait for it for long.
  retry: false,
})

export interface FirstProject {
  setupToken: string
  name: string
  timeZone: string
}

/** Makes the project, and is signed in to it. */
export function useSetUp(): (project: FirstProject) => Promise<SetUpAnswer> {
  const client = useQueryClient()
  return async ({ setupToken, name, timeZone }) => {
    const made = await post<SetUpAnswer>(path, { setup_token: setupToken, name, timezone: timeZone })
    client.setQueryData(installationQuery.queryKey, { set_up: true })
    // Nobody was signed in: the next page asks anew.
    client.removeQueries({ queryKey: sessionQuery.queryKey })
    return made
  }
}
