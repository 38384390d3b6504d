import type { Frequency, PipelineDestination } from './pipeline.ts'

/** A pipeline as it is asked for: each part in itself and beside the others is sound. */
export interface PipelineRequest {
  /** `YYYY-MM-DD`. */
  fromDate: string
  /** Null: it goes on for ever. */
  toDate: string | null
  frequency: Frequency
  /** Null: all events. */
  events: string[] | null
  /** The segmentation expression that events must meet; null: none. */
  where: string | null
  /** Late events reach folders that are exported already. */
  sync: boolean
  destination: PipelineDestination
}
