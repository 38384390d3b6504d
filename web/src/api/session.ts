/** Who is signed in. The session itself is a cookie that no script can read; nothing of it is kept in the page. */
import { queryOptions, useQueryClient } from '@tanstack/react-query'
import type { SessionAnswer } from './answers.ts'
import { CallFailed, get, post, remove } from './request.ts'

const path = '/console/session'

/** Null: nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<SessionAnswer | null> => {
    try {
      return await get<SessionAnswer>(path, {}, signal)
    } catch (failure) {
      if (failure instanceof CallFailed && failure.status === 401) return null
      throw failure
    }
  },
  staleTime: 60_000,
})

export interface Credentials {
  /** Of a service account; without, the secret is a project's. */
  username?: string
  secret: string
}

export function useSignIn(): (credentials: Credentials) => Promise<void> {
  const client = useQueryClient()
  return async (credentials) => {
    const session = await post<SessionAnswer>(path, { ...credentials })
    client.setQueryData(sessionQuery.queryKey, session)
  }
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await remove(path)
    client.setQueryData(sessionQuery.queryKey, null)
    // Whoever signs in next sees nothing of who was here before.
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] })
  }
}
