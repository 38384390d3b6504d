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
  /** Since when the profiles were read that the selection asks for; null: it asks for none. */
  profilesReadAtMs: number | null
  files: FolderFile[]
}

export interface FolderFile {
  /** The number in its name. */
  ordinal: number
  name: string
  lengthBytes: number
  crc32: number
  events: number
  /** When its first event is … */
  minTimeMs: number
  /** … and its last one. */
  maxTimeMs: number
  /** It holds lines that commits after this one brought … */
  afterCommit: CommitNumber
  /** … and up to this one. */
  upToCommit: CommitNumber
  /** Which members went into it, packed; the data plane's own. */
  members: Uint8Array
}

/** What a sync changes in a folder. */
export interface FolderChange {
  /** Every commit up to this one is in the folder now. */
  seenCommit: CommitNumber
  /** Lines that it leaves out because of newer ones of the same events. */
  duplicates: number
  /** Undefined: nothing was to be written. */
  files?: {
    /** Ordinals of the files that stay as they are. */
    kept: number[]
    /** Files that it wrote. */
    files: FolderFile[]
  }
}
