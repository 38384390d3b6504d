/**
 * Thread task: makes one segment of the batches of a commit. Groups events by (project, local hour) and name, and
 * compresses them into members. Events of one name keep their order of arrival, so that the later of two duplicates is
 * always the newer in (ordinal, line).
 */

import { localHour } from '../../local-time/zone-offsets.ts'
import type { EventBatch } from '../ingest/event-batch.ts'
import { releaseBytes } from '../release-bytes.ts'
import { type ArrangedMember, arrangeMembers, type HourEvents } from './arrange-members.ts'
import { sealedSizes } from './member-sizes.ts'
import {
  type CompressedMember,
  compressMember,
  layOutSegment,
  type MemberLines,
  type SealedSegment,
} from './seal-member.ts'

export interface SealInput {
  batches: EventBatch[]
  /** Uncompressed bytes after which a member is full. */
  partSizeBytes: number
}

export function sealSegment({ batches, partSizeBytes }: SealInput): SealedSegment {
  const sizes = sealedSizes(partSizeBytes)
  const arranged = arrangeMembers(groupEvents(batches), sizes, (event) => lineBytes(batches, event))
  return layOutSegment(arranged.map((member, place) => compressGathered(gatherLines(member, batches, place))))
}

function compressGathered(gathered: MemberLines): CompressedMember {
  const compressed = compressMember(gathered)
  releaseBytes(gathered.lines)
  return compressed
}

/** An event by its batch and its place there. */
interface EventRef {
  batch: number
  index: number
}

function groupEvents(batches: EventBatch[]): HourEvents<EventRef>[] {
  const groups = new Map<string, HourEvents<EventRef>>()
  for (const [batchIndex, batch] of batches.entries()) {
    for (let index = 0; index < batch.count; index++) {
      const hour = localHour(batch.timeZone, batch.timesMs[index] ?? 0)
      const group = entryOf(groups, `${batch.projectId}/${hour}`, () => ({
        projectId: batch.projectId,
        localHour: hour,
        rawBytes: 0,
        eventsByName: new Map<string, EventRef[]>(),
      }))
      const name = batch.names[batch.nameIndexes[index] ?? 0] ?? ''
      const event = { batch: batchIndex, index }
      entryOf(group.eventsByName, name, () => [] as EventRef[]).push(event)
      group.rawBytes += lineBytes(batches, event)
    }
  }
  return [...groups.values()]
}

function gatherLines(member: ArrangedMember<EventRef>, batches: EventBatch[], rank: number): MemberLines {
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
  return { ...member, lines, keys, minTimeMs, maxTimeMs, generation: 0, rank }
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
