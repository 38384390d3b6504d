/** Thread task: the request bodies of a part of a day, and what a reader must find of them later. */
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { lineHashBytes, writeLineHash } from '../check/line-hash.ts'
import { arrivalAt, arrivalCount, type Repeats } from './arrival.ts'
import { type BenchEvent, type EventSet, lineOf } from './event-set.ts'
import { openEventSet } from './event-sets.ts'

/** As many events as one request may hold. */
const eventsPerBody = 2000

export interface DaySpec {
  set: EventSet['name']
  /** `YYYY-MM-DD`; the day's events are spread evenly over it, in UTC. */
  date: string
  /** Distinct events. */
  events: number
  repeats: Repeats
}

export interface PartInput {
  spec: DaySpec
  /** Gzip NDJSON: the part's bodies end to end, which is a gzip file too. */
  file: string
  fromPlace: number
  toPlace: number
}

export interface Part {
  file: string
  /** Where each body ends in the file. */
  bodyEnds: number[]
  /** How many events each body has. */
  bodyEvents: number[]
  rawBytes: number
  /** Of each event that is no repeat, 8 bytes. */
  hashes: Uint8Array
  /** Of the same events, which name of the set they have. */
  nameIndexes: Uint8Array
  /** Of the same events, a bit for each of the set's conditions that they meet, in the order in which these stand there. */
  conditionBits: Uint8Array
}

export function makePart({ spec, file, fromPlace, toPlace }: PartInput): Part {
  const bodies: Uint8Array[] = []
  const part: Part = {
    file,
    bodyEnds: [],
    bodyEvents: [],
    rawBytes: 0,
    hashes: new Uint8Array((toPlace - fromPlace) * lineHashBytes),
    nameIndexes: new Uint8Array(toPlace - fromPlace),
    conditionBits: new Uint8Array(toPlace - fromPlace),
  }
  const expected = { part, count: 0 }
  let end = 0
  for (let place = fromPlace; place < toPlace; place += eventsPerBody) {
    const bodyEvents = Math.min(eventsPerBody, toPlace - place)
    const lines = makeLines(spec, place, bodyEvents, expected)
    const body = gzipSync(lines, { level: 1 })
    end += body.length
    bodies.push(body)
    part.bodyEnds.push(end)
    part.bodyEvents.push(bodyEvents)
    part.rawBytes += lines.length
  }
  writeFileSync(file, Buffer.concat(bodies))
  part.hashes = part.hashes.slice(0, expected.count * lineHashBytes)
  part.nameIndexes = part.nameIndexes.slice(0, expected.count)
  part.conditionBits = part.conditionBits.slice(0, expected.count)
  return part
}

function makeLines(
  spec: DaySpec,
  from: number,
  count: number,
  expected: { part: Part; count: number },
): Buffer {
  const set = openEventSet(spec.set)
  const midnight = Date.parse(spec.date) / 1000
  const lines: string[] = []
  for (let place = from; place < from + count; place++) {
    const { serial, isRepeat } = arrivalAt(spec.repeats, spec.events, place)
    const event = set.make(serial, midnight + Math.floor((serial / spec.events) * 86_400))
    const line = lineOf(event)
    lines.push(line)
    if (isRepeat) continue
    writeLineHash(Buffer.from(line), expected.part.hashes, expected.count)
    expected.part.nameIndexes[expected.count] = set.eventNames.indexOf(event.event)
    expected.part.conditionBits[expected.count] = conditionBits(set, event)
    expected.count += 1
  }
  return Buffer.from(`${lines.join('\n')}\n`)
}

function conditionBits({ conditions }: EventSet, event: BenchEvent): number {
  return Object.values(conditions).reduce(
    (bits, { isMet }, index) => bits | (isMet(event) ? 1 << index : 0),
    0,
  )
}

/** Cuts a day into parts of so many bodies. */
export function partRanges(spec: DaySpec, bodiesPerPart: number): { fromPlace: number; toPlace: number }[] {
  const total = arrivalCount(spec.repeats, spec.events)
  const step = bodiesPerPart * eventsPerBody
  return Array.from({ length: Math.ceil(total / step) }, (_, index) => ({
    fromPlace: index * step,
    toPlace: Math.min(total, (index + 1) * step),
  }))
}
