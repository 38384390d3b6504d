/** A bench in which results are spoilt behind the backs of those who measure and check them. */
import type { Bench } from '../harness/bench.ts'
import type { Exporter } from '../product/exporter.ts'
import { fillDay } from '../product/filled-day.ts'
import type { House } from '../product/house.ts'
import type { Workers } from '../product/workers.ts'
import { openSpoiltStore, type Spoil } from './spoilt-store.ts'

export interface Spoiling {
  spoil: Spoil
  /** Before which kind of run. */
  before: 'export' | 'sync'
  /** So many of these are left alone. */
  spared?: number
}

/**
 * Programs and packages to compare with are missing: what they made is not what is spoilt. What is spoilt is the bench's
 * own from then on: no other measure gets to see it.
 */
export function spoiltBench(bench: Bench, spoiling: Spoiling): Bench {
  const spoiltHouse = (house: House): House => {
    // Workers are started anew for each run: they are counted together.
    const beforeRun = spoilerOf(house, spoiling)
    return {
      ...house,
      startExporter: async () => spoiltExporter(house, await house.startExporter(), spoiling),
      startWorkers: async (count) => spoiltWorkers(await house.startWorkers(count), beforeRun),
    }
  }
  const house = async (): Promise<House> => spoiltHouse(await bench.house())
  const missing = 'it is not what this is about'
  return {
    ...bench,
    house,
    bucketHouse: async () => spoiltHouse(await bench.bucketHouse()),
    sharedHouse: async () => spoiltHouse(await bench.sharedHouse()),
    ownHouse: async (name) => spoiltHouse(await bench.ownHouse(name)),
    filledDay: async (spec) => fillDay(await house(), await bench.day(spec), bench.say),
    compactedDay: async (spec) => {
      const filled = await bench.compactedDay(spec)
      return { ...filled, house: spoiltHouse(filled.house) }
    },
    tool: async () => ({ missing }),
    packagesMissing: async () => missing,
  }
}

function spoiltExporter(house: House, exporter: Exporter, spoiling: Spoiling): Exporter {
  const beforeRun = spoilerOf(house, spoiling)
  const spoilt =
    (kind: Spoiling['before'], run: Exporter['export']): Exporter['export'] =>
    async (projectId, pipeline) => {
      await beforeRun(kind, projectId)
      return await run(projectId, pipeline)
    }
  return { ...exporter, export: spoilt('export', exporter.export), sync: spoilt('sync', exporter.sync) }
}

function spoiltWorkers(workers: Workers, beforeRun: BeforeRun): Workers {
  return {
    ...workers,
    export: async (projectId, create) => {
      await beforeRun('export', projectId)
      return await workers.export(projectId, create)
    },
  }
}

type BeforeRun = (kind: Spoiling['before'], projectId: number) => Promise<void>

function spoilerOf(house: House, { spoil, before, spared = 0 }: Spoiling): BeforeRun {
  let left = spared
  return async (kind, projectId) => {
    if (kind !== before || left-- > 0) return
    const store = await openSpoiltStore(house)
    await spoil(store, projectId).finally(() => store.close())
  }
}
