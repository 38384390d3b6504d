/**
 * One, two and four processes of a role on one PostgreSQL and one store, against as many times what one of them does.
 *
 * On one machine they share its cores with one another, with their client, with PostgreSQL and with the S3 server, so the
 * notes say what was in use. They take turns, 1 2 4 1 2 4 …. What was imported is exported and read back, what was
 * exported is read back: every event once, from whichever process.
 */
import type { GeneratedDay } from '../generator/generated-day.ts'
import type { Bench } from '../harness/bench.ts'
import { watchCores } from '../harness/cores-used.ts'
import type { Measure, Result } from '../harness/measure.ts'
import { checkedImport } from '../product/checked-import.ts'
import { exportAtOnce } from '../product/export-at-once.ts'
import type { Exporter } from '../product/exporter.ts'
import { type FilledDay, fillDay, requestsAtOnce } from '../product/filled-day.ts'
import { sendBodies } from '../product/send-bodies.ts'
import { dayOf, importDay } from './days.ts'
import { inTurns, type Turn } from './process-turns.ts'

export const severalProcesses: Measure[] = [
  { name: 'processes-import', run: measureImports },
  { name: 'processes-export', run: measureExports },
]

async function measureImports(bench: Bench): Promise<Result[]> {
  const day = await bench.day(importDay(bench.sizes))
  const house = await bench.sharedHouse()
  const exporter = await house.startExporter()
  try {
    await warmServers(bench)
    const notes = [
      `${day.sent.toLocaleString('en')} events, dealt out to the processes body by body; ${requestsAtOnce} requests at once in all`,
    ]
    return await inTurns(bench, { name: 'processes-import', notes }, (count) =>
      importByProcesses(bench, exporter, day, count),
    )
  } finally {
    await exporter.stop()
  }
}

/** A server has long warmed up when it matters. */
async function warmServers(bench: Bench): Promise<void> {
  const house = await bench.sharedHouse()
  const { secret } = await house.createProject('warm')
  const servers = await serversOf(bench, Math.max(...bench.sizes.processCounts))
  const day = await bench.day(dayOf(bench.sizes.growingDays[1]))
  const targets = servers.map(({ url }) => ({ url, secret }))
  await sendBodies(targets, day.bodies(), requestsAtOnce)
}

async function serversOf(bench: Bench, count: number) {
  const house = await bench.sharedHouse()
  return await Promise.all(Array.from({ length: count }, (_, place) => house.api(place)))
}

async function importByProcesses(
  bench: Bench,
  exporter: Exporter,
  day: GeneratedDay,
  count: number,
): Promise<Turn> {
  const house = await bench.sharedHouse()
  const servers = await serversOf(bench, count)
  const bodies = await Array.fromAsync(day.bodies())
  const send = async ({ secret }: { secret: string }): Promise<Turn> => {
    const targets = servers.map(({ url }) => ({ url, secret }))
    const used = watchCores(
      servers.map(({ pid }) => pid),
      await house.postgresPid(),
    )
    const seconds = await sendBodies(targets, bodies, requestsAtOnce)
    return { ...used(), eventsPerSecond: day.sent / seconds }
  }
  return await checkedImport(bench, exporter, day, send, house)
}

/** Runs that are due at once: two for each of four workers, and twice what one takes at once by default. */
const runsAtOnce = 8

async function measureExports(bench: Bench): Promise<Result[]> {
  const house = await bench.sharedHouse()
  const fill = async (events: number) => await fillDay(house, await bench.day(dayOf(events)), bench.say)
  const filled = await fill(bench.sizes.importEvents)
  const small = await fill(bench.sizes.growingDays[0])
  const { server } = await bench.place()
  const notes = [
    `${runsAtOnce} runs that are due at once, each of ${filled.day.sent.toLocaleString('en')} events, to the ${server}`,
  ]
  return await inTurns(bench, { name: 'processes-export', notes }, (count) =>
    exportByProcesses(bench, filled, small, count),
  )
}

/** @param small what the workers warm up with */
async function exportByProcesses(
  bench: Bench,
  filled: FilledDay,
  small: FilledDay,
  count: number,
): Promise<Turn> {
  const workers = await filled.house.startWorkers(count)
  try {
    await exportAtOnce(bench, workers, small, runsAtOnce)
    const used = watchCores(workers.pids, await filled.house.postgresPid())
    let usage = used()
    const { seconds, events } = await exportAtOnce(bench, workers, filled, runsAtOnce, () => {
      usage = used()
    })
    await (await bench.place()).settle()
    return { ...usage, eventsPerSecond: events / seconds }
  } finally {
    await workers.stop()
  }
}
