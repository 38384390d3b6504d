import type { SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'

export interface SegmentRange {
  segmentId: SegmentId
  offset: number
  length: number
}

/** Where segments are kept: immutable blobs, written once, read in ranges. */
export interface BlobStore {
  /** Resolves when the blob is durable: it is there after a power cut. Leaves nothing when it fails. */
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
  /** The bytes of one range in chunks that fit into `buffer`, each good until the next one is asked for. */
  stream(id: SegmentId, offset: number, length: number, buffer: Uint8Array): AsyncIterable<Uint8Array>
  list(): AsyncIterable<{ id: SegmentId; byteLength: number }>
  /** Resolves when they are gone for good; those that are not there count as gone. */
  remove(ids: SegmentId[]): Promise<void>
}
