/** What is known of late lines: their dedup keys, and the times and names of their events. */
import type { RunInThread } from '../../threads/pool.ts'
import { workThrough } from '../../work-through.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import type { TimeRange } from '../store/member-index.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { OwnedRecords } from './owned-records.ts'
import type { LineEvents, ReadLineEventsInput } from './read-line-events.ts'

export interface LateLinesDeps {
  store: Pick<EventStore, 'readDedupRecords' | 'readMember'>
  run: RunInThread
  signal: AbortSignal
}

/** Opened at once. */
const membersAtOnce = 4
/** More would make a large query of what asks for nearly everything. */
const timeRangesMax = 4096

interface LateEvent {
  timeMs: number
  name: string
  /** The first 32 bits of its key. */
  keyPrefix: number
}

export class LateLines {
  readonly records: OwnedRecords
  /** By time. */
  readonly #events: LateEvent[]

  constructor(records: OwnedRecords, events: LateEvent[]) {
    this.records = records
    this.#events = events.sort((left, right) => left.timeMs - right.timeMs)
  }

  /**
   * Key prefixes of the lines that a member may have a line of the same event for: equal events have one time and name.
   * @param countMax so many are enough
   */
  keyPrefixesFor({ minTimeMs, maxTimeMs, eventNames }: Member, countMax: number): number[] {
    const names = eventNames === null ? undefined : new Set(eventNames)
    const prefixes: number[] = []
    for (let at = this.#firstAt(minTimeMs); at < this.#events.length && prefixes.length < countMax; at++) {
      const { timeMs, name, keyPrefix } = this.#events[at] as LateEvent
      if (timeMs > maxTimeMs) break
      if (names?.has(name) !== false) prefixes.push(keyPrefix)
    }
    return prefixes
  }

  /** Between them lie the times of all lines, one or more in each. */
  times(): TimeRange[] {
    let ranges = this.#events.map(({ timeMs }) => ({ fromMs: Math.floor(timeMs), toMs: Math.ceil(timeMs) }))
    for (let gapMs = 1000; gapMs === 1000 || ranges.length > timeRangesMax; gapMs *= 2)
      ranges = joinNear(ranges, gapMs)
    return ranges
  }

  #firstAt(timeMs: number): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle] as LateEvent).timeMs < timeMs) low = middle + 1
      else high = middle
    }
    return low
  }
}

function joinNear(ranges: readonly TimeRange[], gapMs: number): TimeRange[] {
  const joined: TimeRange[] = []
  for (const { fromMs, toMs } of ranges) {
    const last = joined.at(-1)
    if (last !== undefined && fromMs - last.toMs <= gapMs) last.toMs = Math.max(last.toMs, toMs)
    else joined.push({ fromMs, toMs })
  }
  return joined
}

/** Its records number the members as `late` does. */
export async function readLateLines(deps: LateLinesDeps, late: readonly Member[]): Promise<LateLines> {
  const parts: { memberIndex: number; records: Uint8Array<ArrayBuffer> }[] = []
  const events: LateEvent[] = []
  await workThrough({
    items: late.entries(),
    atOnceMax: membersAtOnce,
    signal: deps.signal,
    work: async ([memberIndex, member]) => {
      const { records, lines } = await readMember(deps, member)
      for (const event of eventsOf(records, lines)) events.push(event)
      parts.push({ memberIndex, records })
    },
  })
  return new LateLines(new OwnedRecords(parts), events)
}

async function readMember({ store, run }: LateLinesDeps, member: Member) {
  const [records, gzip] = await Promise.all([
    store.readDedupRecords(member, 0, member.eventCount),
    store.readMember(member),
  ])
  const input = { gzip, rawBytes: member.rawBytes }
  const lines = await run<ReadLineEventsInput, LineEvents>('readLineEvents', input, [gzip.buffer])
  return { records, lines }
}

function* eventsOf(
  records: Uint8Array<ArrayBuffer>,
  { timesMs, names, nameIndexes }: LineEvents,
): Generator<LateEvent> {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let at = 0; at < records.length; at += dedupRecordBytes) {
    const line = view.getUint32(at + dedupRecordBytes - 4, true)
    yield {
      timeMs: timesMs[line] ?? Number.NaN,
      name: names[nameIndexes[line] ?? 0] ?? '',
      keyPrefix: view.getUint32(at, false),
    }
  }
}
