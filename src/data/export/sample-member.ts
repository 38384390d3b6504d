/** Thread task: which events a member has, how many a day, and what properties some of them have. */
import { localHour } from '../../local-time/zone-offsets.ts'
import { eventOfIdentity, lineIdentity } from '../ingest/line-identity.ts'
import { eachLine, openMember } from '../store/open-member.ts'

export interface SampleInput {
  gzip: Uint8Array<ArrayBuffer>
  /** Uncompressed. */
  rawBytes: number
  timeZone: string
  /** Of other hours nothing is told. */
  fromHour: number
  toHour: number
  /** Of each name, events that are looked at for their properties. */
  eventsMax: number
}

type ValueType = 'text' | 'number' | 'boolean' | 'list' | 'object' | 'null'
export type TypeCounts = Partial<Record<ValueType, number>>

export interface SampledEvents {
  name: string
  /** Of each day, by its number since 1970-01-01, in the project's zone. */
  days: Map<number, number>
  /** How many were looked at for their properties. */
  sampled: number
  properties: Map<string, TypeCounts>
}

export function sampleMember(input: SampleInput): SampledEvents[] {
  const { gzip, rawBytes, timeZone, fromHour, toHour, eventsMax } = input
  const found = new Map<string, SampledEvents>()
  for (const line of eachLine(openMember(gzip, rawBytes))) {
    const { name, timeMs } = eventOfIdentity(lineIdentity(line))
    const hour = localHour(timeZone, timeMs)
    if (hour < fromHour || hour >= toHour) continue
    const events = found.get(name) ?? { name, days: new Map(), sampled: 0, properties: new Map() }
    found.set(name, events)
    const day = Math.floor(hour / 24)
    events.days.set(day, (events.days.get(day) ?? 0) + 1)
    if (events.sampled < eventsMax) addProperties(events, line)
  }
  return [...found.values()]
}

function addProperties(events: SampledEvents, line: Uint8Array): void {
  const { properties } = JSON.parse(new TextDecoder().decode(line)) as { properties: object }
  events.sampled += 1
  for (const [name, value] of Object.entries(properties)) {
    const counts = events.properties.get(name) ?? {}
    const type = typeOf(value)
    counts[type] = (counts[type] ?? 0) + 1
    events.properties.set(name, counts)
  }
}

function typeOf(value: unknown): ValueType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  return typeof value === 'boolean' ? 'boolean' : 'object'
}
