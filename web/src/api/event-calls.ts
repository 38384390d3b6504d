/** The calls that look at stored events. */
import { queryOptions } from '@tanstack/react-query'
import type { SchemaAnswer, SearchAnswer } from './answers.ts'
import { get } from './request.ts'

export const recentEventsQuery = (projectId: string, user: string, toDate?: string) =>
  queryOptions({
    queryKey: ['recent events', projectId, user, toDate ?? ''],
    queryFn: ({ signal }) => {
      const parameters = { project_id: projectId, distinct_id: user, to_date: toDate }
      return get<SearchAnswer>('/api/2.0/events/recent', parameters, signal)
    },
  })

export const schemaQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['schema', projectId],
    queryFn: ({ signal }) => get<SchemaAnswer>('/api/2.0/schema', { project_id: projectId }, signal),
    staleTime: 60_000,
  })
