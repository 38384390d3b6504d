import type { Readable } from 'node:stream'
import type { ExportStep } from '../plan/export-plan.ts'
import type { TimeSpan } from './time-span.ts'

/** One file as it will stand in the bucket: gzip NDJSON whose length and checksum are known before it is sent. */
export interface ExportFile {
  /** `part-00000-1a2b3c4d.json.gz`: ordinal and CRC32, so that a late write of the same bytes does no harm. */
  name: string
  lengthBytes: number
  /** CRC32 of the file's bytes. */
  crc32: number
  eventCount: number
  /**
   * The bytes, from the start; called anew for each try. Fails rather than give bytes that differ from `crc32`.
   * @param beforeChunk called before each chunk; breaks the stream off by throwing
   */
  open(beforeChunk?: () => void): Readable
}

/** A file that was cut from an export's pieces, and what of the plan it was made of. */
export interface CutFile extends ExportFile {
  /** The number in its name. */
  ordinal: number
  steps: readonly ExportStep[]
  /** When its first and last events are. To be asked before what it was cut from goes. */
  span(): Promise<TimeSpan>
}
