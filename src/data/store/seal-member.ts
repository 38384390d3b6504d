/** Compresses the lines of one member, and lays members out as a segment. */

import { constants, crc32, gzipSync } from 'node:zlib'
import type { LocalHour, ProjectId } from '../../ids.ts'
import { releaseBytes } from '../release-bytes.ts'
import { dedupRecords } from './dedup-records.ts'
import { encodeLineSources } from './line-sources.ts'
import { eventNamesListedMax, type SealedMember } from './member.ts'
import { encodeFooter, type SegmentFooter, segmentMagic } from './segment-format.ts'

/** The events of one member, line by line. */
export interface MemberLines {
  projectId: ProjectId
  /** Hour, number of lines, hour, number of lines …, in the order of the lines. */
  hourCounts: number[]
  names: Iterable<string>
  /** Event lines end to end. */
  lines: Uint8Array
  /** Of line `i`, its dedup key. */
  keys: Uint8Array[]
  minTimeMs: number
  maxTimeMs: number
  generation: number
  rank: number
  /** Of a merged member: of line `i` the index of its source in the footer's list. */
  sources?: Uint32Array
}

/** A member before it has its place in a segment. */
export interface CompressedMember {
  sealed: Omit<SealedMember, 'byteOffset' | 'keysOffset' | 'sources'>
  gzip: Uint8Array
  records: Uint8Array
  sources?: Uint8Array
}

export interface SealedSegment {
  bytes: Uint8Array<ArrayBuffer>
  members: SealedMember[]
}

export function compressMember(member: MemberLines): CompressedMember {
  const { projectId, hourCounts, lines, keys, minTimeMs, maxTimeMs, generation, rank, sources } = member
  const gzip = compressLines(lines)
  const names = [...member.names].sort()
  const sealed = {
    projectId,
    localHour: hourCounts[0] as LocalHour,
    lastHour: hourCounts.at(-2) as LocalHour,
    hourCounts: hourCounts.length === 2 ? null : hourCounts,
    byteLength: gzip.length,
    rawBytes: lines.length,
    eventCount: keys.length,
    crc32: crc32(gzip),
    eventNames: names.length > eventNamesListedMax ? null : names,
    minTimeMs,
    maxTimeMs,
    generation,
    rank,
  }
  const records = dedupRecords(keys)
  return { sealed, gzip, records, ...(sources === undefined ? {} : { sources: encodeLineSources(sources) }) }
}

/** Level 1: measured at nearly twice the speed of level 6 for a fifth more bytes (docs/decisions/0001). */
export function compressLines(lines: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunkSize = Math.max(Math.ceil(lines.length / 4), chunkBytesMin)
  const gzip = gzipSync(lines, { level: constants.Z_BEST_SPEED, memLevel: 9, chunkSize })
  const isAlone = gzip.byteOffset === 0 && gzip.buffer.byteLength > Buffer.poolSize
  return new Uint8Array(isAlone ? gzip.buffer.transfer(gzip.length) : gzip)
}

/**
 * What zlib takes by itself. Lines that are many mostly shrink to less than a quarter, so that their gzip member is made in
 * one piece of memory, which is then cut to its length.
 */
const chunkBytesMin = 16 * 1024

/** What a merged segment says of where its lines come from. */
export type SegmentOrigin = Pick<SegmentFooter, 'sources' | 'replaces'>

/** The members' own bytes are given back. */
export function layOutSegment(
  members: CompressedMember[],
  origin: SegmentOrigin = { sources: [], replaces: [] },
): SealedSegment {
  const place = createPlaces(segmentMagic.length)
  const gzipOffsets = members.map(({ gzip }) => place(gzip))
  const keysOffsets = members.map(({ records }) => place(records))
  const sourcesOffsets = members.map(({ sources }) => (sources === undefined ? null : place(sources)))
  const placed = members.map(({ sealed, records, sources }, index) => ({
    ...sealed,
    byteOffset: gzipOffsets[index] ?? 0,
    keysOffset: keysOffsets[index] ?? 0,
    keysCrc32: crc32(records),
    sources:
      sources === undefined
        ? null
        : { offset: sourcesOffsets[index] ?? 0, length: sources.length, crc32: crc32(sources) },
  }))
  const footer = encodeFooter({ version: 2, ...origin, members: placed })
  const footerOffset = place(footer)
  const bytes = new Uint8Array(footerOffset + footer.length)
  bytes.set(segmentMagic)
  for (const [index, { gzip, records, sources }] of members.entries()) {
    bytes.set(gzip, gzipOffsets[index])
    bytes.set(records, keysOffsets[index])
    if (sources !== undefined) bytes.set(sources, sourcesOffsets[index] ?? 0)
  }
  bytes.set(footer, footerOffset)
  releaseBytes(...members.map(({ gzip }) => gzip))
  return { bytes, members: placed.map(({ keysCrc32: _, ...member }) => member) }
}

/** Gives each piece the offset after the one before. */
function createPlaces(start: number): (piece: Uint8Array) => number {
  let end = start
  return (piece) => {
    const offset = end
    end += piece.length
    return offset
  }
}
