/** Holds what an export has left in a bucket against what was sent to Penstock. */
import { expect } from 'vitest'
import type { SentEvent } from '../../demo/events.ts'
import { expectedEvent, sentIdentity, sentTimeMs } from '../../demo/expected-event.ts'
import type { BucketReader, ExportedEvent } from './bucket-reader.ts'
import { readFolders } from './exported-folders.ts'
import { createFolderOf, type FolderRules, foldersSince } from './local-folders.ts'
import { byInsertId, withoutStamp } from './stamped-events.ts'
import type { Write } from './write-log.ts'

interface SentToProject {
  events: SentEvent[]
  /** When they were sent. */
  sentFromMs: number
  sentToMs: number
}

export interface ExportToCheck extends FolderRules {
  bucket: BucketReader
  /** Of the project: the pipeline's prefix and the project's id. */
  prefix: string
  fromDate: string
  sent: SentToProject
}

/**
 * Every folder from the first date to the last event holds exactly the distinct events of its day or hour, and an
 * empty `complete`. Returns how many events there are in all.
 */
export async function checkFolders(what: ExportToCheck): Promise<number> {
  const expected = expectedFolders(what)
  const found = await readFolders(what.bucket, what.prefix)
  const lastFolder = [...expected.keys()].at(-1) ?? ''
  // Later ones come by themselves, and whether they are due depends on the time of day.
  const names = [...found.keys()].filter((name) => name <= lastFolder).sort()
  expect(names).toEqual([...expected.keys()])
  let count = 0
  for (const name of names) {
    const folder = found.get(name)
    if (folder === undefined) continue
    expect(folder.completeBytes, `${name}complete`).toBe(0)
    expect(folder.strays, name).toEqual([])
    const events = expected.get(name) ?? []
    if (events.length === 0) expect(folder.files, name).toEqual([])
    checkStamps(folder.events, what.sent)
    expect(byInsertId(folder.events.map(withoutStamp)), name).toEqual(byInsertId(events))
    count += events.length
  }
  return count
}

/** In each folder `complete` was the last thing that was written, and what was asked of the server is what was meant. */
export function checkWrites(writes: Write[], prefix: string, encryption: Partial<Write['encryption']>): void {
  const ours = writes.filter(({ key }) => key.startsWith(prefix))
  const folders = Map.groupBy(ours, ({ key }) => key.slice(0, key.lastIndexOf('/') + 1))
  expect(folders.size).toBeGreaterThan(0)
  for (const [folder, inFolder] of folders) {
    expect(inFolder.at(-1), folder).toMatchObject({ method: 'PUT', key: `${folder}complete` })
    expect(
      inFolder.filter(({ key }) => key.endsWith('/complete')),
      folder,
    ).toHaveLength(1)
  }
  const puts = ours.filter(({ method }) => method === 'PUT')
  for (const put of puts) expect(put.encryption, put.key).toMatchObject(encryption)
}

function expectedFolders({ sent, fromDate, ...rules }: ExportToCheck): Map<string, ExportedEvent[]> {
  const folderOf = createFolderOf(rules)
  const lastMs = Math.max(...sent.events.map(sentTimeMs))
  const folders = new Map(foldersSince(fromDate, lastMs, rules).map((name) => [name, [] as ExportedEvent[]]))
  const distinct = new Map(sent.events.map((event) => [sentIdentity(event), event]))
  for (const event of distinct.values()) {
    folders.get(folderOf(sentTimeMs(event)))?.push(expectedEvent(event) as ExportedEvent)
  }
  return folders
}

function checkStamps(events: ExportedEvent[], { sentFromMs, sentToMs }: SentToProject): void {
  const stamps = events.map(({ properties }) => properties.mp_processing_time_ms)
  const isWrong = (stamp: unknown) =>
    !(Number.isInteger(stamp) && Number(stamp) >= sentFromMs && Number(stamp) <= sentToMs)
  expect(stamps.filter(isWrong)).toEqual([])
}
