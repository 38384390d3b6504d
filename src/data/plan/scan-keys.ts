/**
 * Reads every dedup record of a folder once, in large pieces, and gives entries by partition. What is in memory at once
 * is a few chunks of records, and the entries of `keysInMemoryMax` of them.
 */
import type { RunInThread } from '../../threads/pool.ts'
import { workThrough } from '../../work-through.ts'
import { releaseBytes } from '../release-bytes.ts'
import type { Spool } from '../spool.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import type { EntryBlock } from './entry-blocks.ts'
import type { FolderKeys } from './folder-keys.ts'
import { type KeyChunk, keyChunks } from './key-chunks.ts'
import { entryWords } from './key-entries.ts'
import type { Locations } from './locations.ts'
import type { PartitionedKeys, PartitionKeysInput } from './partition-keys.ts'

export interface ScanDeps {
  store: Pick<EventStore, 'readInto' | 'readDedupRecords'>
  run: RunInThread
  spool: Spool
  signal: AbortSignal
}

/** One is read while others are partitioned; each has its own memory. */
const chunksAtOnce = 3
const readsAtOnce = 8

export async function scanKeys(
  deps: ScanDeps,
  members: readonly Member[],
  { locations, layout, sizes }: FolderKeys,
): Promise<EntryBlock[]> {
  const staysInMemory = locations.count <= sizes.keysInMemoryMax
  const recordsMax = Math.min(sizes.chunkRecords, locations.count)
  const workspaces = Array.from({ length: chunksAtOnce }, () => makeWorkspace(recordsMax))
  const blocks: EntryBlock[] = []
  await workThrough({
    items: keyChunks(members, recordsMax),
    atOnceMax: chunksAtOnce,
    signal: deps.signal,
    work: async (chunk, signal) => {
      const { records, entries } = workspaces.pop() as Workspace
      await readChunk(deps, chunk, records, signal)
      const input = { layout, records, entries, ...originOf(chunk, locations) }
      const moved = [records.buffer, entries.buffer]
      const partitioned = await deps.run<PartitionKeysInput, PartitionedKeys>('partitionKeys', input, moved)
      blocks.push(await keepBlock(partitioned, staysInMemory ? undefined : deps.spool))
      workspaces.push(partitioned)
    },
  })
  for (const { records, entries } of workspaces) releaseBytes(records, entries)
  return blocks
}

/** Goes to a thread and back with each chunk. */
interface Workspace {
  records: Uint8Array<ArrayBuffer>
  entries: Uint32Array<ArrayBuffer>
}

function makeWorkspace(recordsMax: number): Workspace {
  return {
    records: new Uint8Array(recordsMax * dedupRecordBytes),
    entries: new Uint32Array(recordsMax * entryWords),
  }
}

async function readChunk(
  { store }: ScanDeps,
  chunk: KeyChunk,
  records: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<void> {
  let at = 0
  const reads = chunk.ranges.map((range) => {
    const target = records.subarray(at, at + range.records * dedupRecordBytes)
    at += target.length
    return { ...range, target }
  })
  await workThrough({
    items: reads,
    atOnceMax: readsAtOnce,
    signal,
    work: async ({ segmentId, byteOffset, picked, target }) => {
      if (picked === undefined) return await store.readInto(segmentId, byteOffset, target)
      const { member, from } = picked
      target.set(await store.readDedupRecords(member, from, target.length / dedupRecordBytes))
    },
  })
}

function originOf(chunk: KeyChunk, locations: Locations) {
  const spans = chunk.ranges.flatMap((range) => range.spans)
  return {
    counts: Uint32Array.from(spans, ({ records }) => records),
    firstLocations: Uint32Array.from(spans, ({ memberIndex }) => locations.firstOf(memberIndex)),
  }
}

async function keepBlock(
  { starts, entries }: PartitionedKeys,
  spool: Spool | undefined,
): Promise<EntryBlock> {
  const length = (starts.at(-1) ?? 0) * entryWords
  if (spool === undefined) return { starts, source: entries.slice(0, length) }
  return { starts, source: await spool.append(new Uint8Array(entries.buffer, 0, length * 4)) }
}
