/** What a bench and its export process say to each other. */
export type ExportOrder =
  | RunOrder
  /** To look for late events, as the scheduler does: what has grown waits to be synced then. */
  | { kind: 'look' }
  | { kind: 'stop' }

/** To work the run of a pipeline that waits. */
export interface RunOrder {
  kind: 'work'
  projectId: number
  pipeline: string
}

export interface Exported {
  /** From the claim of the run to its success. */
  seconds: number
  cpuSeconds: number
  peakRssBytes: number
  files: number
  events: number
  /** Compressed, as delivered. */
  bytes: number
}

export type ExportAnswer =
  | { kind: 'ready' }
  | { kind: 'looked' }
  | ({ kind: 'exported' } & Exported)
  | { kind: 'failed'; message: string }
