/**
 * Layout of a segment, version 1 (integers little-endian):
 *
 *   8 bytes     "PSTKSEG1"
 *   members     gzip members end to end
 *   dedup       per member: eventCount records of 20 bytes, sorted by key: key (16), line in the member (u32)
 *   footer      JSON: {"version":1,"members":[…]} (SealedMember and the CRC32 of its dedup records)
 *   16 bytes    footer length (u32), CRC32 of the footer (u32), "PSTKEND1"
 *
 * A segment describes itself: the index is rebuilt from footers alone. A write cut short has no trailer.
 */
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { LocalHour, ProjectId } from '../../ids.ts'
import { dedupKeyBytes } from '../ingest/dedup-key.ts'

const textEncoder = new TextEncoder()

export const segmentMagic = textEncoder.encode('PSTKSEG1')
const trailerMagic = textEncoder.encode('PSTKEND1')
export const trailerBytes = 16
export const dedupRecordBytes = dedupKeyBytes + 4

const count = z.number().int().nonnegative()

const footerSchema = z.object({
  version: z.literal(1),
  members: z.array(
    z.object({
      projectId: count.transform((value) => value as ProjectId),
      localHour: z.int().transform((value) => value as LocalHour),
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
    }),
  ),
})

export type SegmentFooter = z.output<typeof footerSchema>

/** The footer and the trailer that lets a reader find it from the end. */
export function encodeFooter(footer: SegmentFooter): Uint8Array {
  const json = textEncoder.encode(JSON.stringify(footer))
  const bytes = new Uint8Array(json.length + trailerBytes)
  bytes.set(json)
  const view = new DataView(bytes.buffer)
  view.setUint32(json.length, json.length, true)
  view.setUint32(json.length + 4, crc32(json), true)
  bytes.set(trailerMagic, json.length + 8)
  return bytes
}

/** Length of the footer's JSON, from a segment's last 16 bytes; undefined when the segment was cut short. */
export function parseTrailer(trailer: Uint8Array): { footerLength: number; footerCrc32: number } | undefined {
  if (trailer.length !== trailerBytes) return undefined
  if (!trailerMagic.every((byte, index) => trailer[8 + index] === byte)) return undefined
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailerBytes)
  return { footerLength: view.getUint32(0, true), footerCrc32: view.getUint32(4, true) }
}

/** @throws PenstockError `STORE_SEGMENT_CORRUPT` when the footer is not what was written. */
export function parseFooter(segmentId: string, json: Uint8Array, expectedCrc32: number): SegmentFooter {
  if (crc32(json) !== expectedCrc32) throw corrupt(segmentId, 'its footer does not match its checksum')
  const parsed = footerSchema.safeParse(JSON.parse(new TextDecoder().decode(json)))
  if (!parsed.success) throw corrupt(segmentId, `its footer is of an unknown form`, parsed.error)
  return parsed.data
}

function corrupt(segmentId: string, found: string, cause?: unknown): PenstockError {
  return new PenstockError(
    'invariant',
    'STORE_SEGMENT_CORRUPT',
    `segment ${segmentId} is damaged: ${found}. Restore it from a back-up; \`penstock store check\` lists all damage.`,
    { cause },
  )
}
