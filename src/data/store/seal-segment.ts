/**
 * Thread task: makes one segment of the batches of a commit. Groups events by (project, local hour), sorts them by
 * event name, and compresses them into members. Events of one name keep their order of arrival, within a member and
 * from member to member, so that the later of two duplicates is always the newer in (ordinal, line).
 */
import { constants, crc32, gzipSync } from 'node:zlib'
import type { LocalHour, ProjectId } from '../../ids.ts'
import { localHour } from '../../local-time/zone-offsets.ts'
import type { EventBatch } from '../ingest/event-batch.ts'
import { dedupRecords } from './dedup-records.ts'
import { eventNamesListedMax, type SealedMember } from './member.ts'
import { encodeFooter, type SegmentFooter, segmentMagic } from './segment-format.ts'

/** One name's lines fill a member of their own from here on: a selection by name is then a copy. */
const ownMemberBytes = 256 * 1024

export interface SealInput {
  batches: EventBatch[]
  /** Uncompressed bytes after which a member is full. */
  partSizeBytes: number
}

export interface SealedSegment {
  bytes: Uint8Array<ArrayBuffer>
  members: SealedMember[]
}

export function sealSegment(input: SealInput): SealedSegment {
  const groups = groupEvents(input.batches)
  const members = groups.flatMap((group) =>
    cutMembers(group, input.batches, input.partSizeBytes).map((events) =>
      compress(group, events, input.batches),
    ),
  )
  return layOut(members)
}

/** An event by its batch and its place there. */
interface EventRef {
  batch: number
  index: number
}

interface Group {
  projectId: ProjectId
  localHour: LocalHour
  eventsByName: Map<string, EventRef[]>
}

function groupEvents(batches: EventBatch[]): Group[] {
  const groups = new Map<string, Group>()
  for (const [batchIndex, batch] of batches.entries()) {
    for (let index = 0; index < batch.count; index++) {
      const hour = localHour(batch.timeZone, batch.timesMs[index] ?? 0)
      const group = entryOf(groups, `${batch.projectId}/${hour}`, () => ({
        projectId: batch.projectId,
        localHour: hour,
        eventsByName: new Map(),
      }))
      const name = batch.names[batch.nameIndexes[index] ?? 0] ?? ''
      entryOf(group.eventsByName, name, () => [] as EventRef[]).push({ batch: batchIndex, index })
    }
  }
  return [...groups.values()]
}

interface MemberEvents {
  names: string[]
  events: EventRef[]
  rawBytes: number
}

function cutMembers(group: Group, batches: EventBatch[], partSizeBytes: number): MemberEvents[] {
  const members: MemberEvents[] = []
  let mixed: MemberEvents | undefined
  for (const name of [...group.eventsByName.keys()].sort()) {
    const events = group.eventsByName.get(name) ?? []
    const pieces = cutBySize(name, events, batches, partSizeBytes)
    const rawBytes = pieces.reduce((sum, piece) => sum + piece.rawBytes, 0)
    if (pieces.length > 1 || rawBytes >= ownMemberBytes) {
      members.push(...pieces)
      continue
    }
    if (mixed === undefined || mixed.rawBytes + rawBytes > partSizeBytes) {
      mixed = { names: [], events: [], rawBytes: 0 }
      members.push(mixed)
    }
    mixed.names.push(name)
    mixed.events.push(...events)
    mixed.rawBytes += rawBytes
  }
  return members
}

/** Cuts one name's events, in order, into pieces of at most `partSizeBytes` (one larger line stands alone). */
function cutBySize(
  name: string,
  events: EventRef[],
  batches: EventBatch[],
  partSizeBytes: number,
): MemberEvents[] {
  const pieces: MemberEvents[] = []
  let piece: MemberEvents | undefined
  for (const event of events) {
    const bytes = lineBytes(batches, event)
    if (piece === undefined || piece.rawBytes + bytes > partSizeBytes) {
      piece = { names: [name], events: [], rawBytes: 0 }
      pieces.push(piece)
    }
    piece.events.push(event)
    piece.rawBytes += bytes
  }
  return pieces
}

interface CompressedMember {
  sealed: Omit<SealedMember, 'byteOffset' | 'keysOffset'>
  gzip: Uint8Array
  records: Uint8Array
}

function compress(group: Group, member: MemberEvents, batches: EventBatch[]): CompressedMember {
  const lines = new Uint8Array(member.rawBytes)
  const keys: Uint8Array[] = []
  let at = 0
  let minTimeMs = Number.POSITIVE_INFINITY
  let maxTimeMs = Number.NEGATIVE_INFINITY
  for (const { batch: batchIndex, index } of member.events) {
    const batch = batches[batchIndex] as EventBatch
    const line = batch.lines.subarray(batch.lineEnds[index - 1] ?? 0, batch.lineEnds[index])
    lines.set(line, at)
    at += line.length
    keys.push(batch.dedupKeys.subarray(index * 16, index * 16 + 16))
    const timeMs = batch.timesMs[index] ?? 0
    minTimeMs = Math.min(minTimeMs, timeMs)
    maxTimeMs = Math.max(maxTimeMs, timeMs)
  }
  const gzip = compressLines(lines)
  const sealed = {
    projectId: group.projectId,
    localHour: group.localHour,
    byteLength: gzip.length,
    rawBytes: member.rawBytes,
    eventCount: member.events.length,
    crc32: crc32(gzip),
    eventNames: member.names.length > eventNamesListedMax ? null : member.names,
    minTimeMs,
    maxTimeMs,
  }
  return { sealed, gzip, records: dedupRecords(keys) }
}

/** Level 1: measured at nearly twice the speed of level 6 for a fifth more bytes (docs/decisions/0001). */
export function compressLines(lines: Uint8Array): Uint8Array {
  return gzipSync(lines, { level: constants.Z_BEST_SPEED, memLevel: 9 })
}

function layOut(members: CompressedMember[]): SealedSegment {
  const gzipBytes = members.reduce((sum, { gzip }) => sum + gzip.length, 0)
  let byteOffset = segmentMagic.length
  let keysOffset = segmentMagic.length + gzipBytes
  const placed = members.map(({ sealed, gzip, records }) => {
    const member = { ...sealed, byteOffset, keysOffset, keysCrc32: crc32(records) }
    byteOffset += gzip.length
    keysOffset += records.length
    return member
  })
  const footer = encodeFooter({ version: 1, members: placed } satisfies SegmentFooter)
  const bytes = new Uint8Array(keysOffset + footer.length)
  bytes.set(segmentMagic)
  for (const [index, { gzip, records }] of members.entries()) {
    bytes.set(gzip, placed[index]?.byteOffset)
    bytes.set(records, placed[index]?.keysOffset)
  }
  bytes.set(footer, keysOffset)
  return { bytes, members: placed.map(({ keysCrc32: _, ...member }) => member) }
}

function lineBytes(batches: EventBatch[], { batch, index }: EventRef): number {
  const ends = batches[batch]?.lineEnds
  return (ends?.[index] ?? 0) - (ends?.[index - 1] ?? 0)
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
