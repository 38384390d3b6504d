/** What every measure stands on. Each part is made when a measure first asks for it, and shared by those after it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { type CheckFolder, createFolderCheck } from '../check/check-folder.ts'
import { type GeneratedDay, generateDay } from '../generator/generated-day.ts'
import type { DaySpec } from '../generator/make-part.ts'
import { type BenchPlace, openPlace } from '../places/open-place.ts'
import { type FilledDay, fillDay } from '../product/filled-day.ts'
import { type House, openHouse } from '../product/house.ts'
import { type BenchThreads, createBenchThreads } from '../threads/pool.ts'
import { installBenchPackages } from '../tools/bench-packages.ts'
import { findTool, type Tool, type ToolName } from '../tools/debian-tools.ts'
import { createClosing } from './closing.ts'
import type { Sizes } from './sizes.ts'

export interface Bench {
  isQuick: boolean
  sizes: Sizes
  /** Goes when the bench ends. */
  folder: string
  threads: BenchThreads
  checkFolder: CheckFolder
  say(text: string): void
  place(): Promise<BenchPlace>
  house(): Promise<House>
  /** Another one, with a store and a database of its own. */
  ownHouse(name: string): Promise<House>
  /** One whose events are in a bucket on the S3 server. */
  bucketHouse(): Promise<House>
  /** One for any number of processes, on a PostgreSQL that is nobody's own. */
  sharedHouse(): Promise<House>
  /** A day's request bodies. */
  day(spec: DaySpec): Promise<GeneratedDay>
  /** A project that holds a day, every event of it acknowledged. */
  filledDay(spec: DaySpec): Promise<FilledDay>
  /** The same in a house of its own, where what ingest wrote has been merged. */
  compactedDay(spec: DaySpec): Promise<FilledDay>
  tool(name: ToolName): Promise<Tool>
  /** Undefined when they are there; else why not. */
  packagesMissing(): Promise<string | undefined>
  /** Stops whatever was started, then removes `folder`, whatever fails before. Called again it waits for the same end. */
  close(): Promise<void>
}

/** Days that were generated stay here for the next time. */
const cacheFolder = join(tmpdir(), 'penstock-bench-cache')

export interface BenchOptions {
  isQuick: boolean
  sizes: Sizes
  say(text: string): void
}

export async function openBench({ isQuick, sizes, say }: BenchOptions): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-bench-'))
  const closing = createClosing()
  closing.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const threads = createBenchThreads()
  closing.add(() => threads.close())
  const open = <Part extends { close(): unknown }>(opening: () => Promise<Part>): Promise<Part> =>
    closing.open(opening, (part) => part.close())
  const place = once(() => open(() => openPlace(folder, isQuick ? 'sandbox' : undefined, say)))
  const ownHouse = onceEach(async (name: string) => {
    const exportPlace = await place()
    return await open(() => openHouse(join(folder, name), exportPlace, { sharesWorker: isQuick }))
  })
  const house = () => ownHouse('house')
  const bucketHouse = once(async () => {
    const exportPlace = await place()
    const { env: storeEnv } = await open(() => exportPlace.openStore())
    const options = { sharesWorker: isQuick, elsewhere: storeEnv }
    return await open(() => openHouse(join(folder, 'in-bucket'), exportPlace, options))
  })
  const sharedHouse = once(async () => {
    const exportPlace = await place()
    const postgresIn = join(folder, 'shared-postgres')
    const { url } = await closing.open(
      () => openEmbeddedPostgres(postgresIn),
      (postgres) => postgres.release(),
    )
    const options = { sharesWorker: isQuick, postgresIn, elsewhere: { PENSTOCK_DATABASE_URL: url } }
    return await open(() => openHouse(join(folder, 'shared'), exportPlace, options))
  })
  const day = onceEach((spec: DaySpec) => {
    say(`events: ${spec.events.toLocaleString('en')} of ${spec.set}, repeats: ${spec.repeats}`)
    return generateDay(cacheFolder, threads, spec)
  })
  const filledDay = onceEach(async (spec: DaySpec) => fillDay(await house(), await day(spec), say))
  return {
    ...{
      isQuick,
      sizes,
      folder,
      threads,
      say,
      place,
      house,
      ownHouse,
      bucketHouse,
      sharedHouse,
      day,
      filledDay,
    },
    compactedDay: onceEach(async (spec: DaySpec) => {
      const own = await ownHouse('merged')
      const filled = await fillDay(own, await day(spec), say)
      const { membersMerged, membersMade } = await own.compact()
      say(`merged ${membersMerged} members into ${membersMade}`)
      return filled
    }),
    checkFolder: createFolderCheck(folder, threads),
    tool: onceEach((name: ToolName) => findTool(name, say, !isQuick)),
    packagesMissing: once(() => installBenchPackages(say)),
    close: once(() => closing.close()),
  }
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}

function onceEach<Key, Value>(make: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const made = new Map<string, Promise<Value>>()
  return (key) => {
    const name = JSON.stringify(key)
    const value = made.get(name) ?? make(key)
    made.set(name, value)
    return value
  }
}
