/** What a bench and its export process say to each other. */
export type ExportOrder = { kind: 'export'; projectId: number; pipeline: string } | { kind: 'stop' }

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
  | ({ kind: 'exported' } & Exported)
  | { kind: 'failed'; message: string }
