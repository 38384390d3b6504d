import { useParams } from '@tanstack/react-router'
import type { PipelineKey } from '../api/pipeline-calls.ts'

export const pipelineRoute = '/console/projects/$projectId/pipelines/$name'

/** The pipeline whose page this is. */
export function usePipeline(): PipelineKey {
  return useParams({ from: pipelineRoute })
}
