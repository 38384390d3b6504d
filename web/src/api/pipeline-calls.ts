/** The calls of the Data Pipelines API that the page makes, and how long their answers are good for. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type {
  CreateAnswer,
  EstimateAnswer,
  FoldersAnswer,
  HistoryAnswer,
  JobsAnswer,
  ManifestAnswer,
  PipelineJob,
  SearchAnswer,
  SetupAnswer,
  StatusRuns,
  VerifyAnswer,
} from './answers.ts'
import { get, type Parameters, post } from './request.ts'

export const pipelineBase = '/api/2.0/nessie/pipeline'

/** A pipeline of a project. */
export interface PipelineKey {
  projectId: string
  name: string
}

/** A folder of a pipeline: a day, or an hour of one. */
export interface FolderKey extends PipelineKey {
  date: string
  hour?: string
}

const refreshMs = 15_000

export const jobsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['jobs', projectId],
    queryFn: async ({ signal }): Promise<PipelineJob[]> => {
      const answer = await get<JobsAnswer>(`${pipelineBase}/jobs`, { project_id: projectId }, signal)
      return answer[projectId] ?? []
    },
    refetchInterval: refreshMs,
  })

export interface FolderRange {
  from?: string
  to?: string
  by?: 'folder' | 'day' | 'month'
}

export const foldersQuery = ({ projectId, name }: PipelineKey, { from, to, by }: FolderRange) =>
  queryOptions({
    queryKey: ['folders', projectId, name, from ?? '', to ?? '', by ?? ''],
    queryFn: ({ signal }) => {
      const range = { from_date: from, to_date: to, by }
      return get<FoldersAnswer>(`${pipelineBase}/folders`, { project_id: projectId, name, ...range }, signal)
    },
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  })

/** Runs that failed or wait to be tried again. */
export const troubledRunsQuery = ({ projectId, name }: PipelineKey) =>
  queryOptions({
    queryKey: ['troubled runs', projectId, name],
    queryFn: ({ signal }) => {
      const status = ['failed', 'timed_out', 'retried']
      return get<StatusRuns>(`${pipelineBase}/status`, { project_id: projectId, name, status }, signal)
    },
    refetchInterval: refreshMs,
  })

export const manifestQuery = (folder: FolderKey) =>
  queryOptions({
    queryKey: ['manifest', ...folderParts(folder)],
    queryFn: ({ signal }) =>
      get<ManifestAnswer>(`${pipelineBase}/manifest`, folderParameters(folder), signal),
  })

export const historyQuery = (folder: FolderKey) =>
  queryOptions({
    queryKey: ['history', ...folderParts(folder)],
    queryFn: ({ signal }) => get<HistoryAnswer>(`${pipelineBase}/history`, folderParameters(folder), signal),
  })

/** Reads the whole folder back from the bucket. */
export const verifyFolder = (folder: FolderKey) =>
  post<VerifyAnswer>(`${pipelineBase}/verify`, folderParameters(folder))

export const setupQuery = (parameters: Parameters) =>
  queryOptions({
    queryKey: ['setup', parameters],
    queryFn: ({ signal }) => get<SetupAnswer>(`${pipelineBase}/setup`, parameters, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })

export const previewQuery = (parameters: Parameters) =>
  queryOptions({
    queryKey: ['preview', parameters],
    queryFn: () => post<SearchAnswer>(`${pipelineBase}/preview`, parameters),
  })

export const estimateQuery = (parameters: Parameters) =>
  queryOptions({
    queryKey: ['estimate', parameters],
    queryFn: () => post<EstimateAnswer>(`${pipelineBase}/estimate`, parameters),
    placeholderData: keepPreviousData,
  })

export const createPipeline = (parameters: Parameters) =>
  post<CreateAnswer>(`${pipelineBase}/create`, parameters)

export type PipelineChange = 'pause' | 'resume' | 'cancel' | 'edit'

export const changePipeline = (
  change: PipelineChange,
  { projectId, name }: PipelineKey,
  more: Parameters = {},
) =>
  post<{ status: 'ok'; warnings?: string[] }>(`${pipelineBase}/${change}`, {
    project_id: projectId,
    name,
    ...more,
  })

function folderParts({ projectId, name, date, hour }: FolderKey): string[] {
  return [projectId, name, date, hour ?? '']
}

function folderParameters({ projectId, name, date, hour }: FolderKey): Parameters {
  return { project_id: projectId, name, date, hour }
}
