/** A day of events as request bodies on disk, made once and kept in a cache, and what a reader must find of it later. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Fingerprint, fingerprintOf } from '../check/fingerprint.ts'
import { lineHashBytes } from '../check/line-hash.ts'
import type { BenchThreads } from '../threads/pool.ts'
import type { Selection } from './event-set.ts'
import { openEventSet } from './event-sets.ts'
import { type DaySpec, type Part, partRanges } from './make-part.ts'

export interface GeneratedDay {
  spec: DaySpec
  /** Gzip NDJSON files, each of some tens of bodies. */
  files: string[]
  /** Events that are sent, repeats included. */
  sent: number
  /** Bytes of the lines that are sent, uncompressed. */
  rawBytes: number
  /** Of the bodies, compressed. */
  bodyBytes: number
  /** The request bodies in the order in which they are sent. */
  bodies(): AsyncGenerator<Body>
  /** What an export must hold: every event that is selected, once. */
  expected(selection?: Selection): Fingerprint
  /** The same of all events and of lines beyond the day's own, given by their hashes. */
  expectedWith(more: Uint8Array): Fingerprint
}

export interface Body {
  /** In memory of its own. */
  gzip: Uint8Array<ArrayBuffer>
  events: number
}

/** What is kept of a part beside its file. */
type PartIndex = Pick<Part, 'bodyEnds' | 'bodyEvents' | 'rawBytes'>

const bodiesPerPart = 50

export async function generateDay(
  cacheFolder: string,
  threads: BenchThreads,
  spec: DaySpec,
): Promise<GeneratedDay> {
  const folder = join(cacheFolder, await cacheName(spec))
  const found = await readDay(folder, spec)
  if (found !== undefined) return found
  await mkdir(cacheFolder, { recursive: true })
  const scratch = await mkdtemp(join(cacheFolder, 'making-'))
  try {
    await makeDay(scratch, threads, spec)
    await rename(scratch, folder)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  const made = await readDay(folder, spec)
  if (made === undefined) throw new Error(`the day that was generated in ${folder} is not there`)
  return made
}

/** Days of another generator are other days. */
async function cacheName(spec: DaySpec): Promise<string> {
  const makers = (await readdir(import.meta.dirname)).filter(
    (file) => file !== basename(import.meta.filename),
  )
  const sum = createHash('sha256').update(JSON.stringify(spec))
  for (const file of [...makers.sort(), '../check/line-hash.ts']) {
    sum.update(await readFile(join(import.meta.dirname, file)))
  }
  return `${spec.set}-${spec.events}-${spec.repeats}-${sum.digest('hex').slice(0, 12)}`
}

async function makeDay(folder: string, threads: BenchThreads, spec: DaySpec): Promise<void> {
  const parts = await Promise.all(
    partRanges(spec, bodiesPerPart).map((range, index) =>
      threads.makePart({ spec, file: join(folder, partName(index)), ...range }),
    ),
  )
  await writeFile(join(folder, 'hashes'), Buffer.concat(parts.map(({ hashes }) => hashes)))
  await writeFile(join(folder, 'names'), Buffer.concat(parts.map(({ nameIndexes }) => nameIndexes)))
  await writeFile(join(folder, 'conditions'), Buffer.concat(parts.map(({ conditionBits }) => conditionBits)))
  const index = parts.map(
    ({ bodyEnds, bodyEvents, rawBytes }): PartIndex => ({ bodyEnds, bodyEvents, rawBytes }),
  )
  await writeFile(join(folder, 'parts.json'), JSON.stringify(index))
}

function partName(index: number): string {
  return `part-${String(index).padStart(5, '0')}.json.gz`
}

async function readDay(folder: string, spec: DaySpec): Promise<GeneratedDay | undefined> {
  const text = await readFile(join(folder, 'parts.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const parts = JSON.parse(text) as PartIndex[]
  const hashes = await readFile(join(folder, 'hashes'))
  const nameIndexes = await readFile(join(folder, 'names'))
  const conditionBits = await readFile(join(folder, 'conditions'))
  const files = parts.map((_, index) => join(folder, partName(index)))
  const fingerprints = new Map<string, Fingerprint>()
  return {
    spec,
    files,
    sent: sumOf(parts.flatMap(({ bodyEvents }) => bodyEvents)),
    rawBytes: sumOf(parts.map(({ rawBytes }) => rawBytes)),
    bodyBytes: sumOf(parts.map(({ bodyEnds }) => bodyEnds.at(-1) ?? 0)),
    bodies: () => readBodies(files, parts),
    expectedWith: (more) => fingerprintOf([hashes, more]),
    expected: (selection = {}) => {
      const key = JSON.stringify(selection)
      const isSelected = placeTest(spec, { nameIndexes, conditionBits }, selection)
      const known = fingerprints.get(key) ?? fingerprintOf([selectHashes(hashes, isSelected)])
      fingerprints.set(key, known)
      return known
    },
  }
}

async function* readBodies(files: string[], parts: PartIndex[]): AsyncGenerator<Body> {
  for (const [index, { bodyEnds, bodyEvents }] of parts.entries()) {
    const bytes = await readFile(files[index] as string)
    for (const [place, end] of bodyEnds.entries()) {
      const gzip = new Uint8Array(bytes.subarray(bodyEnds[place - 1] ?? 0, end))
      yield { gzip, events: bodyEvents[place] ?? 0 }
    }
  }
}

/** Whether the event at a place is selected. */
function placeTest(
  { set }: DaySpec,
  { nameIndexes, conditionBits }: { nameIndexes: Uint8Array; conditionBits: Uint8Array },
  { events, where }: Selection,
): (place: number) => boolean {
  const { eventNames, conditions } = openEventSet(set)
  const isNamed = eventNames.map((name) => events?.includes(name) ?? true)
  const condition = Object.values(conditions).findIndex((known) => known.where === where)
  if (where !== undefined && condition === -1) throw new Error(`${set} has no condition ${where}`)
  const bit = where === undefined ? 0 : 1 << condition
  return (place) => (isNamed[nameIndexes[place] ?? 0] ?? false) && ((conditionBits[place] ?? 0) & bit) === bit
}

function selectHashes(hashes: Buffer, isSelected: (place: number) => boolean): Uint8Array {
  const selected = new Uint8Array(hashes.length)
  let length = 0
  for (let place = 0; place < hashes.length / lineHashBytes; place++) {
    if (!isSelected(place)) continue
    selected.set(hashes.subarray(place * lineHashBytes, (place + 1) * lineHashBytes), length)
    length += lineHashBytes
  }
  return selected.subarray(0, length)
}

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
