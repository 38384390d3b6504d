/**
 * What /import takes when five times as much is sent as it can take, against the most that it takes.
 *
 * Ours: bodies for several projects, begun at five times the best rate by clients who send a refused one again at once.
 * Theirs: the same bodies by as many clients as keep the server busy. Of both the bodies acknowledged a second, to the last
 * one. A body that was acknowledged is not sent again: that every event can be exported, once, shows that none was lost.
 */
import { atLeast } from '../harness/aim.ts'
import { alternate, share } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { cpuSecondsOf, forgetPeakRss, peakRssOf } from '../harness/process-usage.ts'
import { median, quantile } from '../harness/statistics.ts'
import { exportDay } from '../product/export-day.ts'
import type { Exporter } from '../product/exporter.ts'
import { requestsAtOnce } from '../product/filled-day.ts'
import type { HouseProject } from '../product/house.ts'
import { sendBodies } from '../product/send-bodies.ts'
import { type Overload, sendImpatiently } from '../product/send-impatiently.ts'
import { importDay } from './days.ts'

export const overload: Measure[] = [{ name: 'overload', run: measure }]

const factor = 5
/** Each gets the whole day: so the requests outlast what may be under way at once. */
const projectCount = 4

async function measure(bench: Bench): Promise<Result[]> {
  const day = await bench.day(importDay(bench.sizes))
  const bodies = await Array.fromAsync(day.bodies())
  const house = await bench.house()
  const api = await house.api()
  const exporter = await house.startExporter()
  const count = projectCount * bodies.length
  const overloads: Overload[] = []
  try {
    const best = async (): Promise<Sample> => {
      const projects = await createProjects(bench)
      const usage = watchUsage(api.pid)
      let seconds = 0
      for (const { secret } of projects) {
        seconds += await sendBodies({ url: api.url, secret }, bodies, requestsAtOnce)
      }
      const used = usage()
      await checkAll(bench, exporter, day, projects)
      return { value: count / seconds, ...used }
    }
    const overloaded = async (perSecond: number): Promise<Sample> => {
      const projects = await createProjects(bench)
      const usage = watchUsage(api.pid)
      const deliveries = projects.flatMap(({ secret }) =>
        bodies.map((body) => ({ target: { url: api.url, secret }, body })),
      )
      const done = await sendImpatiently(deliveries, perSecond * factor)
      overloads.push(done)
      const used = usage()
      await checkAll(bench, exporter, day, projects)
      return { value: count / done.seconds, ...used }
    }
    let bestPerSecond = (await best()).value
    const result = await alternate({
      ...{
        name: 'overload',
        aim: atLeast(0.8),
        unit: 'bodies/s',
        pairs: bench.sizes.pairs,
        ratio: share,
        notes: [],
      },
      ours: () => overloaded(bestPerSecond),
      baseline: async () => {
        const sample = await best()
        bestPerSecond = sample.value
        return sample
      },
    })
    return [{ ...result, notes: [...overloadNotes(count, overloads), ...result.notes] }]
  } finally {
    await exporter.stop()
  }
}

/** What the serving process takes from now on. */
function watchUsage(pid: number): () => Pick<Sample, 'cpuSeconds' | 'peakRssBytes'> {
  forgetPeakRss(pid)
  const before = cpuSecondsOf(pid)
  return () => ({ cpuSeconds: cpuSecondsOf(pid) - before, peakRssBytes: peakRssOf(pid) })
}

async function createProjects(bench: Bench): Promise<HouseProject[]> {
  const house = await bench.house()
  const projects: HouseProject[] = []
  for (let index = 0; index < projectCount; index++) projects.push(await house.createProject('overload'))
  return projects
}

async function checkAll(
  bench: Bench,
  exporter: Exporter,
  day: Awaited<ReturnType<Bench['day']>>,
  projects: HouseProject[],
): Promise<void> {
  const house = await bench.house()
  for (const project of projects) await exportDay(bench, exporter, { day, project, house })
}

function overloadNotes(count: number, overloads: readonly Overload[]): string[] {
  const p99s = overloads.map(({ acceptedSeconds }) => quantile(acceptedSeconds, 0.99))
  const refused = median(overloads.map((done) => done.refused))
  return [
    `${count} bodies of 2,000 events, begun at ${factor} times the best rate; ${refused} requests refused with 503 and sent again`,
    `p99 of the requests that were acknowledged, from when they were sent: ${median(p99s).toFixed(2)} s`,
    'every acknowledged event was exported, once',
  ]
}
