/** Which events a project has in a range of days: names and counts from the index, properties from a bounded sample of lines. */
import type { SampledEvents, SampleInput, TypeCounts } from '../data/export/sample-member.ts'
import type { EventStore } from '../data/store/event-store.ts'
import type { Member } from '../data/store/member.ts'
import type { HourWindow } from '../data/store/member-index.ts'
import type { NameTotal } from '../data/store/name-totals.ts'
import type { ProjectId } from '../ids.ts'
import type { Turns } from '../take-turns.ts'
import type { RunInThread } from '../threads/pool.ts'

export interface DescribeEventsDeps {
  store: EventStore
  run: RunInThread
  /** Uncompressed bytes of events that one description opens. */
  bytesMax: number
  turns: Turns<ProjectId>
}

export interface DescribedEvent {
  name: string
  /** By the number of the day since 1970-01-01. */
  days: Map<number, number>
  /** False: some days were counted by a sample. */
  isExact: boolean
  /** How many events were looked at for their properties. */
  sampled: number
  properties: Map<string, TypeCounts>
}

const namesMax = 500
const mixedMax = 2000
/** Of each name in a member. */
const sampledMax = 50

export async function describeEvents(
  deps: DescribeEventsDeps,
  window: HourWindow,
  timeZone: string,
  signal: AbortSignal,
): Promise<DescribedEvent[]> {
  const end = await deps.turns.take(window.projectId, signal)
  try {
    return await deps.store.hold(() => describe(deps, window, timeZone, signal))
  } finally {
    end()
  }
}

async function describe(
  deps: DescribeEventsDeps,
  window: HourWindow,
  timeZone: string,
  signal: AbortSignal,
): Promise<DescribedEvent[]> {
  const totals = await deps.store.nameTotals(window)
  const { single, mixed } = await deps.store.tellingMembers(window, { namesMax, mixedMax })
  const described = new Map<string, DescribedEvent>()
  for (const { day, name, events } of totals) {
    if (name !== null) addDay(eventOf(described, name), day, events)
  }
  const budget = { bytes: deps.bytesMax }
  const sample = (member: Member) => sampleOne(deps, member, window, timeZone)
  // First those that count, then those that only tell what properties there are.
  const ofMixed = await sampleAll(mixed, budget, sample, signal)
  const ofSingle = await sampleAll(single, budget, sample, signal)
  for (const found of [...ofMixed, ...ofSingle]) addProperties(eventOf(described, found.name), found)
  addMixed(described, totals, ofMixed)
  return [...described.values()]
}

/** Of mixed members that were not opened, a day's events are shared out as in those that were. */
function addMixed(
  described: Map<string, DescribedEvent>,
  totals: readonly NameTotal[],
  sampled: readonly SampledEvents[],
): void {
  const seen = new Map<number, number>()
  for (const { days } of sampled) for (const [day, count] of days) seen.set(day, (seen.get(day) ?? 0) + count)
  const all = new Map(totals.filter(({ name }) => name === null).map(({ day, events }) => [day, events]))
  for (const { name, days } of sampled) {
    const event = eventOf(described, name)
    for (const [day, count] of days) {
      const [known = count, whole = count] = [seen.get(day), all.get(day)]
      if (whole !== known) event.isExact = false
      addDay(event, day, Math.round((count * whole) / known))
    }
  }
  // Of days of which none was opened nobody knows whose events they are.
  const unknown = [...all.keys()].some((day) => !seen.has(day))
  if (unknown) for (const event of described.values()) event.isExact = false
}

async function sampleAll(
  members: readonly Member[],
  budget: { bytes: number },
  sample: (member: Member) => Promise<SampledEvents[]>,
  signal: AbortSignal,
): Promise<SampledEvents[]> {
  const found: SampledEvents[] = []
  for (const member of members) {
    signal.throwIfAborted()
    if (budget.bytes <= 0) break
    budget.bytes -= member.rawBytes
    found.push(...(await sample(member)))
  }
  return found
}

async function sampleOne(
  { store, run }: DescribeEventsDeps,
  member: Member,
  { fromHour, toHour }: HourWindow,
  timeZone: string,
): Promise<SampledEvents[]> {
  const gzip = await store.readMember(member)
  const input = { gzip, rawBytes: member.rawBytes, timeZone, fromHour, toHour, eventsMax: sampledMax }
  return await run<SampleInput, SampledEvents[]>('sampleMember', input, [gzip.buffer])
}

function eventOf(described: Map<string, DescribedEvent>, name: string): DescribedEvent {
  const known = described.get(name)
  if (known !== undefined) return known
  const event = { name, days: new Map(), isExact: true, sampled: 0, properties: new Map() }
  described.set(name, event)
  return event
}

function addDay({ days }: DescribedEvent, day: number, events: number): void {
  days.set(day, (days.get(day) ?? 0) + events)
}

function addProperties(event: DescribedEvent, { sampled, properties }: SampledEvents): void {
  event.sampled += sampled
  for (const [name, types] of properties) {
    const counts = event.properties.get(name) ?? {}
    for (const [type, count] of Object.entries(types) as [keyof TypeCounts, number][])
      counts[type] = (counts[type] ?? 0) + count
    event.properties.set(name, counts)
  }
}
