import type { SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import { parseFooter, parseTrailer, type SegmentFooter, trailerBytes } from './segment-format.ts'

/** Of a segment's end, with which most footers come whole: one request to a bucket, not two. */
const tailBytes = 32 * 1024

/**
 * What a segment says of itself; undefined when its write was cut short (nothing in it was ever acknowledged).
 * @throws PenstockError `STORE_SEGMENT_CORRUPT` when it was finished and has changed since.
 */
export async function readFooter(
  blobs: BlobStore,
  id: SegmentId,
  byteLength: number,
): Promise<SegmentFooter | undefined> {
  if (byteLength < trailerBytes) return undefined
  const tailOffset = Math.max(0, byteLength - tailBytes)
  const tail = await blobs.read(id, tailOffset, byteLength - tailOffset)
  const trailer = parseTrailer(tail.subarray(-trailerBytes))
  const footerOffset = byteLength - trailerBytes - (trailer?.footerLength ?? 0)
  if (trailer === undefined || footerOffset < 0) return undefined
  const json =
    footerOffset >= tailOffset
      ? tail.subarray(footerOffset - tailOffset, -trailerBytes)
      : await blobs.read(id, footerOffset, trailer.footerLength)
  return parseFooter(id, json, trailer.footerCrc32)
}
