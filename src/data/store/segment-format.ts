/**
 * Layout of a segment, version 2 (integers little-endian):
 *
 *   8 bytes     "PSTKSEG1"
 *   members     gzip members end to end
 *   dedup       per member: eventCount records of 20 bytes, sorted by key: key (16), line in the member (u32)
 *   sources     per member of a merged segment: which commit each line came with (line-sources.ts)
 *   footer      JSON, deflated (zlib): SegmentFooter
 *   16 bytes    footer length (u32), CRC32 of the footer (u32), "PSTKEND1"
 *
 * Version 1 had its JSON plain, each member of one hour, and nothing merged.
 *
 * A segment describes itself: the index is rebuilt from footers alone. A write cut short has no trailer.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { z } from 'zod'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import { dedupKeyBytes } from '../ingest/dedup-key.ts'

const textEncoder = new TextEncoder()

export const segmentMagic = textEncoder.encode('PSTKSEG1')
const trailerMagic = textEncoder.encode('PSTKEND1')
export const trailerBytes = 16
export const dedupRecordBytes = dedupKeyBytes + 4

const count = z.number().int().nonnegative()
const hour = z.int().transform((value) => value as LocalHour)
const segmentId = z.string().transform((value) => value as SegmentId)

const memberOfOneHour = z.object({
  projectId: count.transform((value) => value as ProjectId),
  localHour: hour,
  byteOffset: count,
  byteLength: count,
  rawBytes: count,
  eventCount: count,
  crc32: count,
  keysOffset: count,
  keysCrc32: count,
  eventNames: z.array(z.string()).nullable(),
  minTimeMs: z.number(),
  maxTimeMs: z.number(),
})

const member = memberOfOneHour.extend({
  lastHour: hour,
  hourCounts: z.array(z.int()).nullable(),
  generation: count,
  rank: count,
  sources: z.object({ offset: count, length: count, crc32: count }).nullable(),
})

const footerOfVersion1 = z
  .object({ version: z.literal(1), members: z.array(memberOfOneHour) })
  .transform(({ members }) => ({
    version: 2 as const,
    sources: [],
    replaces: [],
    members: members.map((each, rank) => ({
      ...each,
      lastHour: each.localHour,
      hourCounts: null,
      generation: 0,
      rank,
      sources: null,
    })),
  }))

const footerOfVersion2 = z.object({
  version: z.literal(2),
  /** Of a merged segment: the segments that brought its lines, oldest commit first; line-sources.ts points into it. */
  sources: z.array(segmentId),
  /** Of a merged segment: the members in whose place its own are. */
  replaces: z.array(z.object({ segmentId, ordinals: z.array(count) })),
  members: z.array(member),
})

const footerSchema = z.union([footerOfVersion2, footerOfVersion1])

export type SegmentFooter = z.output<typeof footerOfVersion2>

/** The footer and the trailer that lets a reader find it from the end. */
export function encodeFooter(footer: SegmentFooter): Uint8Array {
  const deflated = deflateSync(JSON.stringify(footer))
  const bytes = new Uint8Array(deflated.length + trailerBytes)
  bytes.set(deflated)
  const view = new DataView(bytes.buffer)
  view.setUint32(deflated.length, deflated.length, true)
  view.setUint32(deflated.length + 4, crc32(deflated), true)
  bytes.set(trailerMagic, deflated.length + 8)
  return bytes
}

/** Length of the footer, from a segment's last 16 bytes; undefined when the segment was cut short. */
export function parseTrailer(trailer: Uint8Array): { footerLength: number; footerCrc32: number } | undefined {
  if (trailer.length !== trailerBytes) return undefined
  if (!trailerMagic.every((byte, index) => trailer[8 + index] === byte)) return undefined
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailerBytes)
  return { footerLength: view.getUint32(0, true), footerCrc32: view.getUint32(4, true) }
}

/** @throws PenstockError `STORE_SEGMENT_CORRUPT` when the footer is not what was written. */
export function parseFooter(id: string, footer: Uint8Array, expectedCrc32: number): SegmentFooter {
  if (crc32(footer) !== expectedCrc32) throw corrupt(id, 'its footer does not match its checksum')
  const parsed = footerSchema.safeParse(JSON.parse(footerJson(footer)))
  if (!parsed.success) throw corrupt(id, `its footer is of an unknown form`, parsed.error)
  return parsed.data
}

function footerJson(footer: Uint8Array): string {
  const isPlain = footer[0] === '{'.charCodeAt(0)
  return new TextDecoder().decode(isPlain ? footer : inflateSync(footer))
}

function corrupt(id: string, found: string, cause?: unknown): PenstockError {
  return new PenstockError(
    'invariant',
    'STORE_SEGMENT_CORRUPT',
    `segment ${id} is damaged: ${found}. Restore it from a back-up; \`penstock store check\` lists all damage.`,
    { cause },
  )
}
