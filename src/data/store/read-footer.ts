import type { SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import { parseFooter, parseTrailer, type SegmentFooter, trailerBytes } from './segment-format.ts'

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
  const trailer = parseTrailer(await blobs.read(id, byteLength - trailerBytes, trailerBytes))
  const footerOffset = byteLength - trailerBytes - (trailer?.footerLength ?? 0)
  if (trailer === undefined || footerOffset < 0) return undefined
  const json = await blobs.read(id, footerOffset, trailer.footerLength)
  return parseFooter(id, json, trailer.footerCrc32)
}
