import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { WatchedFolder, WatchedLate, WatchedPipeline } from '../api/answers.ts'
import { type PipelineKey, pipelineBase } from '../api/pipeline-calls.ts'
import { withQuery } from '../api/request.ts'
import { type StreamState, useServerEvents } from '../api/server-events.ts'

export interface Watch {
  stream: StreamState
  /** As of its last change; undefined until the first. */
  pipeline: WatchedPipeline | undefined
}

/** Of a backfill every second has changed folders; the calendar is read again at most this often. */
const rereadMs = 2000

/** Follows a pipeline, and has read anew what its runs change. */
export function useWatch({ projectId, name }: PipelineKey): Watch {
  const client = useQueryClient()
  const [pipeline, setPipeline] = useState<WatchedPipeline>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const rereadSoon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      for (const what of ['folders', 'troubled runs', 'history', 'manifest']) {
        void client.invalidateQueries({ queryKey: [what, projectId, name] })
      }
      void client.invalidateQueries({ queryKey: ['jobs', projectId] })
    }, rereadMs)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const url = withQuery(`${pipelineBase}/watch`, { project_id: projectId, name })
  const stream = useServerEvents(url, {
    pipeline: (data: WatchedPipeline) => {
      setPipeline(data)
      rereadSoon()
    },
    folder: (_: WatchedFolder) => rereadSoon(),
    late: (_: WatchedLate) => rereadSoon(),
  })
  return { stream, pipeline: pipeline?.name === name ? pipeline : undefined }
}
