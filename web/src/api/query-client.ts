import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { CallFailed } from './request.ts'
import { sessionQuery } from './session.ts'

const triesMax = 2

/** Tries again what may pass, and forgets the session as soon as the server does. */
export function createQueryClient(): QueryClient {
  const forgetSession = (failure: unknown): void => {
    if (failure instanceof CallFailed && failure.status === 401)
      client.setQueryData(sessionQuery.queryKey, null)
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: forgetSession }),
    mutationCache: new MutationCache({ onError: forgetSession }),
    defaultOptions: {
      queries: {
        retry: (tries, failure) => tries < triesMax && mayPass(failure),
        refetchOnWindowFocus: true,
      },
    },
  })
  return client
}

function mayPass(failure: unknown): boolean {
  return failure instanceof CallFailed && (failure.status === 0 || failure.status >= 500)
}
