import type { Frequency, PipelineDestination } from './pipeline.ts'

/** A pipeline as it is asked for: each part in itself and beside the others is sound. */
export interface PipelineRequest {
  /** It takes every event of a trial's days, whatever `toDate` says. */
  trial: boolean
  /** `YYYY-MM-DD`. Null: the day before; only a trial may leave it out. */
  fromDate: string | null
  /** Null: it goes on for ever. */
  toDate: string | null
  frequency: Frequency
  /** Null: all events. */
  events: string[] | null
  /** The segmentation expression that events must meet; null: none. */
  where: string | null
  /** Late events reach folders that are exported already. */
  sync: boolean
  /** The manifest of each folder is written into the bucket too. */
  manifest: boolean
  destination: PipelineDestination
}

/** One whose days are known. */
export interface SettledRequest extends PipelineRequest {
  fromDate: string
}
