/**
 * Looks for a project's newest events that match, day by day back in time. What one search reads is bounded: it says how far
 * it came, and the next one can go on from there.
 */
import { leaveOutUsers } from '../data/export/match-users.ts'
import type { ReadProfiles } from '../data/export/profile-values.ts'
import type { ReadMember } from '../data/export/rewrite-members.ts'
import type { FoundLine, SearchInput } from '../data/export/search-member.ts'
import { isWanted } from '../data/plan/export-plan.ts'
import { askedOfUsers } from '../data/segmentation/where.ts'
import type { EventStore } from '../data/store/event-store.ts'
import type { Member } from '../data/store/member.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import type { CommitNumber, LocalHour, ProjectId } from '../ids.ts'
import type { Turns } from '../take-turns.ts'
import type { RunInThread } from '../threads/pool.ts'

export interface SearchEventsDeps {
  store: EventStore
  run: RunInThread
  readProfiles: ReadProfiles
  /** Uncompressed bytes of events that one search opens. */
  bytesMax: number
  turns: Turns<ProjectId>
}

export interface EventSearch {
  projectId: ProjectId
  /** Events of this hour and later ones are not looked at. */
  toHour: LocalHour
  /** Null: all. */
  eventNames: string[] | null
  /** Null: all. */
  where: string | null
  limit: number
}

export interface SearchedEvents {
  /** Event lines, the newest first. */
  lines: string[]
  /** The first hour of the oldest day that was looked at; undefined: nothing is stored. */
  searchedFrom: LocalHour | undefined
  eventsSearched: number
  /** Of the days looked at, events that were not, because a day has too many. */
  eventsSkipped: number
  /** It did not break off at a bound. */
  isComplete: boolean
  /** There are events of days before. */
  hasOlder: boolean
}

/** Days that one search looks at. */
const daysMax = 400
/** Members opened at once. */
const atOnce = 8

export async function searchEvents(
  deps: SearchEventsDeps,
  search: EventSearch,
  signal: AbortSignal,
): Promise<SearchedEvents> {
  const end = await deps.turns.take(search.projectId, signal)
  try {
    return await deps.store.hold(() => searchDays(deps, search, signal))
  } finally {
    end()
  }
}

async function searchDays(
  deps: SearchEventsDeps,
  search: EventSearch,
  signal: AbortSignal,
): Promise<SearchedEvents> {
  const { store } = deps
  const { projectId, limit } = search
  const snapshot = await store.snapshot()
  const found = new Newest(limit)
  const counts = { searched: 0, skipped: 0, bytesLeft: deps.bytesMax }
  let searchedFrom: LocalHour | undefined
  let next = await store.previousDay(projectId, search.toHour)
  for (let days = 0; next !== undefined && days < daysMax; days++) {
    signal.throwIfAborted()
    const toHour = Math.min(next + 24, search.toHour) as LocalHour
    const members = await membersOfDay(store, { projectId, fromHour: next, toHour }, snapshot)
    // Past retention: what is there of it may lack events.
    if (members === undefined) {
      next = undefined
      break
    }
    await searchDay(deps, search, members, found, counts)
    searchedFrom = next
    next = await store.previousDay(projectId, next)
    if (found.isFull || counts.bytesLeft <= 0) break
  }
  return {
    lines: found.lines(),
    searchedFrom,
    eventsSearched: counts.searched,
    eventsSkipped: counts.skipped,
    isComplete: found.isFull || (next === undefined && counts.skipped === 0),
    hasOlder: next !== undefined,
  }
}

async function membersOfDay(
  store: EventStore,
  window: Parameters<EventStore['members']>[0],
  snapshot: CommitNumber,
): Promise<Member[] | undefined> {
  try {
    return await store.members(window, snapshot)
  } catch (error) {
    if (error instanceof PenstockError && error.code === 'EVENTS_PAST_RETENTION') return undefined
    throw error
  }
}

/** The newest members first, so that the others need not be opened once there is enough. */
async function searchDay(
  deps: SearchEventsDeps,
  { eventNames, where, limit }: EventSearch,
  members: Member[],
  found: Newest,
  counts: { searched: number; skipped: number; bytesLeft: number },
): Promise<void> {
  const names = eventNames === null ? {} : { eventNames: new Set(eventNames) }
  const wanted = members.filter((member) => isWanted(member, names)).sort((a, b) => b.maxTimeMs - a.maxTimeMs)
  const what = { ...names, ...(where === null ? {} : { where }), limit }
  for (let at = 0; at < wanted.length; at += atOnce) {
    const some = wanted.slice(at, at + atOnce)
    if (found.isFull && (some[0]?.maxTimeMs ?? 0) < found.oldestMs) return
    if (counts.bytesLeft <= 0) {
      counts.skipped += wanted.slice(at).reduce((sum, { eventCount }) => sum + eventCount, 0)
      return
    }
    const lines = await Promise.all(some.map((member) => searchOne(deps, member, what)))
    for (const each of lines.flat()) found.add(each)
    for (const { rawBytes, eventCount } of some) {
      counts.bytesLeft -= rawBytes
      counts.searched += eventCount
    }
  }
}

async function searchOne(
  { store, run, readProfiles }: SearchEventsDeps,
  member: Member,
  what: Omit<SearchInput, keyof ReadMember>,
): Promise<FoundLine[]> {
  const gzip = await store.readMember(member)
  const { rawBytes } = member
  const users = askedOfUsers(what.where)
  if (users.length === 0) {
    return await run<SearchInput, FoundLine[]>('searchMember', { gzip, rawBytes, ...what }, [gzip.buffer])
  }
  // The expression is decided with the profiles; what is left is to be taken as it is.
  const [matched] = await leaveOutUsers({ run, readProfiles }, what, [{ gzip, rawBytes, member }], users)
  if (matched === undefined) return []
  const { where: _, ...rest } = what
  return await run<SearchInput, FoundLine[]>('searchMember', { ...matched, ...rest })
}

/** The newest lines so far, each event once. */
class Newest {
  #found: FoundLine[] = []
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  add(line: FoundLine): void {
    const identity = identityOf(line)
    if (this.#found.some((other) => other.timeMs === line.timeMs && identityOf(other) === identity)) return
    this.#found.push(line)
    this.#found.sort((left, right) => right.timeMs - left.timeMs)
    this.#found.length = Math.min(this.#found.length, this.#limit)
  }

  get isFull(): boolean {
    return this.#found.length >= this.#limit
  }

  get oldestMs(): number {
    return this.#found.at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY
  }

  lines(): string[] {
    return this.#found.map(({ text }) => text)
  }
}

function identityOf({ text }: FoundLine): string {
  const { event, properties } = JSON.parse(text) as { event: string; properties: Record<string, unknown> }
  return JSON.stringify([event, properties.distinct_id, properties.$insert_id])
}
