import type { SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'

export interface SegmentRange {
  segmentId: SegmentId
  offset: number
  length: number
}

export interface StoreTrouble {
  /** For anybody: without names of buckets and the like. */
  words: string
  /** Does it stay until somebody mends it? */
  isLasting: boolean
}

/** Where segments are kept: immutable blobs, written once, read in ranges. */
export interface BlobStore {
  /** For people: the folder, or `s3://bucket/prefix`. */
  readonly location: string
  /**
   * Resolves when the blob is durable: it is there after a power cut. Leaves nothing when it fails, as far as it can: an
   * object that arrives after its answer was given up stays, and nothing names it. No id is written twice.
   */
  write(id: SegmentId, bytes: Uint8Array): Promise<void>
  /** Exactly `length` bytes from `offset`. */
  read(id: SegmentId, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  /** The same, into memory that is there already. */
  readInto(id: SegmentId, offset: number, target: Uint8Array): Promise<void>
  /**
   * The bytes of many small ranges, those of a segment best next to each other.
   * @param run where calls may be made that wait
   */
  readRanges(ranges: readonly SegmentRange[], run: RunInThread): Promise<Uint8Array<ArrayBuffer>[]>
  /**
   * The bytes of one range in chunks that fit into `buffer`, each good until the next one is asked for. What takes its time
   * to come is asked for at once: whoever calls this reads it to its end or returns it.
   */
  stream(id: SegmentId, offset: number, length: number, buffer: Uint8Array): AsyncIterable<Uint8Array>
  /** In the order of their ids. */
  list(): AsyncIterable<{ id: SegmentId; byteLength: number }>
  /** Resolves when they are gone for good; those that are not there count as gone. */
  remove(ids: SegmentId[]): Promise<void>
  /** What keeps it from taking segments now, as far as one look tells; undefined: nothing. */
  trouble(): Promise<StoreTrouble | undefined>
  /** Writes and removes what is no segment; raises what goes wrong. */
  probe(): Promise<void>
  /** Lets connections go. */
  close(): void
}
