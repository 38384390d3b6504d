/**
 * A process that looks through the keys of a folder, as an export does before it copies anything: in as many threads as
 * there are cores, with the settings that are the default. It is told of the folder once, and answers what that took.
 */
import { open } from 'node:fs/promises'
import { settings } from '../../src/config/settings.ts'
import { findDuplicates } from '../../src/data/plan/find-duplicates.ts'
import type { Member } from '../../src/data/store/member.ts'
import { dedupRecordBytes } from '../../src/data/store/segment-format.ts'
import type { SegmentId } from '../../src/ids.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { type KeySegments, keyMemberGzip, keyMembers, segmentFile } from '../generator/key-segments.ts'
import { peakRssOf } from '../harness/process-usage.ts'
import type { PlannedKeys } from './plan-keys.ts'

process.once('message', (segments: KeySegments) => {
  void plan(segments).then((planned) => {
    process.send?.(planned)
    process.disconnect()
  })
})

async function plan(segments: KeySegments): Promise<PlannedKeys> {
  const readInto = (id: SegmentId, offset: number, target: Uint8Array) =>
    fill(segmentFile(segments.folder, id), offset, target)
  const threads = createThreadPool(settings.threads.default)
  const members = keyMembers(segments)
  const deps = {
    store: {
      readInto,
      readDedupRecords: async ({ segmentId, keysOffset }: Member, from: number, count: number) => {
        const records = new Uint8Array(count * dedupRecordBytes)
        await readInto(segmentId, keysOffset + from * dedupRecordBytes, records)
        return records
      },
      readMember: async (member: Member) => keyMemberGzip(segments, member),
      readLineCommits:
        async ({ commitNumber }: Member) =>
        () =>
          commitNumber,
    },
    run: threads.run,
    spoolFolder: segments.folder,
    keysInMemoryMax: settings.dedupKeysInMemoryMax.default,
    signal: new AbortController().signal,
  }
  // A worker has long been up when it looks through a day.
  await findDuplicates(deps, members.slice(0, 2))
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const losing = await findDuplicates(deps, members)
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  await threads.close()
  return {
    ...{ seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRssOf(process.pid) },
    losing: losing.count,
  }
}

async function fill(path: string, offset: number, target: Uint8Array): Promise<void> {
  const file = await open(path)
  try {
    for (let done = 0; done < target.length; ) {
      done += (await file.read(target, done, target.length - done, offset + done)).bytesRead
    }
  } finally {
    await file.close()
  }
}
