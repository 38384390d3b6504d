import type { CommitNumber, LocalHour, PipelineId } from '../../ids.ts'

/** A pipeline's day or hour. */
export interface FolderId {
  pipelineId: PipelineId
  localHour: LocalHour
  hours: 1 | 24
}

/** What a finished folder consists of. */
export interface FolderContents {
  /** The files hold every event of the folder that commits up to this one brought. */
  seenCommit: CommitNumber
  /** SHA-256 of what the pipeline selected. */
  selection: Uint8Array
  /** Lines that are not in the files because the folder has a newer line of the same event. */
  duplicates: number
  files: FolderFile[]
}

export interface FolderFile {
  /** The number in its name. */
  ordinal: number
  name: string
  lengthBytes: number
  crc32: number
  events: number
  /** No event of the file is earlier. */
  minTimeMs: number
  /** No event of the file is later. */
  maxTimeMs: number
  /** Which members went into it, packed; the data plane's own. */
  members: Uint8Array
}
