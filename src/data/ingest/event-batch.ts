import type { ProjectId } from '../../ids.ts'

/**
 * Checked events of one project, in arrival order, as columns: what ingest hands to the store. All buffers are
 * transferable between threads. Event `i` is `lines[lineEnds[i - 1] ?? 0 .. lineEnds[i])`, newline included.
 */
export interface EventBatch {
  projectId: ProjectId
  /** IANA name; the store turns `timesMs` into local hours with it. */
  timeZone: string
  count: number
  /** Event lines end to end: `{"event":"…","properties":{…}}\n`, the event name first. */
  lines: Uint8Array<ArrayBuffer>
  lineEnds: Uint32Array<ArrayBuffer>
  /** Event time, milliseconds since the epoch, UTC. */
  timesMs: Float64Array<ArrayBuffer>
  /** Distinct event names of this batch; `nameIndexes[i]` points into it. */
  names: string[]
  nameIndexes: Uint16Array<ArrayBuffer>
  /** 16 bytes an event: the dedup key (dedup-key.ts). */
  dedupKeys: Uint8Array<ArrayBuffer>
}
