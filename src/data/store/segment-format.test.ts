import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import type { LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import {
  encodeFooter,
  parseFooter,
  parseTrailer,
  type SegmentFooter,
  trailerBytes,
} from './segment-format.ts'

const id = '0190abcdef010000000000000000'
const memberOfVersion1 = {
  projectId: 7 as ProjectId,
  localHour: 472_222 as LocalHour,
  byteOffset: 8,
  byteLength: 100,
  rawBytes: 400,
  eventCount: 3,
  crc32: 4_294_967_295,
  keysOffset: 108,
  keysCrc32: 12,
  eventNames: ['Signed Up'],
  minTimeMs: 1_700_000_000_000,
  maxTimeMs: 1_700_000_001_000,
}

test('a footer of version 1 is read: members of one hour, of one commit', () => {
  const json = Buffer.from(JSON.stringify({ version: 1, members: [memberOfVersion1] }))
  expect(parseFooter(id, json, crc32(json))).toEqual({
    version: 2,
    sources: [],
    replaces: [],
    members: [
      { ...memberOfVersion1, lastHour: 472_222, hourCounts: null, generation: 0, rank: 0, sources: null },
    ],
  })
})

test('a footer is read as it was written, found from the end', () => {
  const footer: SegmentFooter = {
    version: 2,
    sources: [id as SegmentId],
    replaces: [{ segmentId: id as SegmentId, ordinals: [0, 3] }],
    members: [
      {
        ...memberOfVersion1,
        lastHour: 472_223 as LocalHour,
        hourCounts: [472_222, 1, 472_223, 2],
        generation: 2,
        rank: 9,
        sources: { offset: 168, length: 3, crc32: 77 },
      },
    ],
  }
  const bytes = encodeFooter(footer)
  const trailer = parseTrailer(bytes.subarray(-trailerBytes))
  expect(trailer?.footerLength).toBe(bytes.length - trailerBytes)
  expect(parseFooter(id, bytes.subarray(0, -trailerBytes), trailer?.footerCrc32 ?? 0)).toEqual(footer)
})

test('a footer that has changed, or is of a version to come, is refused', () => {
  const json = Buffer.from(JSON.stringify({ version: 3, members: [] }))
  expect(() => parseFooter(id, json, crc32(json))).toThrow('unknown form')
  expect(() => parseFooter(id, json, crc32(json) ^ 1)).toThrow('does not match its checksum')
})
