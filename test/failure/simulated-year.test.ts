/**
 * A year of exports in minutes; in every run of the tests, the three days of it in which one zone's summer time begins
 * and another's ends.
 *
 * 1. Projects in three zones, of which one is three quarters of an hour from the others' hours, have a daily pipeline, an
 *    hourly one that selects, and a daily one without syncs. The days before are backfilled.
 * 2. The clock goes on in steps of hours. Events come on time, late, too late, and again. The process is stopped and
 *    killed amid its work, and stays away for up to a day; the clock is set back and ahead; the bucket fails.
 * 3. At the end each folder holds what a naive model says, none is missing and none is there too many, `verify` finds no
 *    difference, and `timeline` tells when each day was exported and synced.
 *
 * `SIMULATED_DAYS=365 npx vitest run test/failure/simulated-year.test.ts` simulates a year from 2024-01-21 on, in other zones:
 * one's summer time is half an hour. Folders of hours are most of the work, so in a year one zone has them: which, the seed
 * decides. `SIMULATED_SEED` takes another course.
 */
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseLines } from '../support/bucket-reader.ts'
import type { SandboxAccount } from '../support/export-place.ts'
import { tellCourse, tellProgress } from '../support/simulation/course-report.ts'
import { lineOf, naiveFolders, type SimulatedEvent } from '../support/simulation/naive-folders.ts'
import type { SimulatedPipeline, SimulatedProject } from '../support/simulation/simulated-project.ts'
import { expectedSteps, mismatches, readTimeline } from '../support/simulation/simulated-timeline.ts'
import { type Simulation, type SimulationOptions, simulate } from '../support/simulation/simulation.ts'
import { openVerification } from '../support/simulation/verification.ts'

const seed = Number(process.env.SIMULATED_SEED ?? 5)
const days = process.env.SIMULATED_DAYS
const zonesOfDays = ['America/New_York', 'Africa/Casablanca', 'Asia/Kathmandu']
const zonesOfYear = ['America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']
const course: SimulationOptions =
  days === undefined
    ? {
        ...{ seed, days: 2.5, quietSteps: 8, stepHoursMax: 6, from: '2024-03-08T18:02:00Z' },
        ...{ timeZones: zonesOfDays, hourlyZones: zonesOfDays },
      }
    : {
        ...{ seed, days: Number(days), quietSteps: 80, stepHoursMax: 12, from: '2024-01-21T18:02:00Z' },
        ...{ timeZones: zonesOfYear, hourlyZones: [zonesOfYear[seed % 3] ?? ''] },
        onStep: tellProgress(),
      }
const timeoutMs = 900_000 * Math.max(1, course.days / 15)

let simulation: Simulation
beforeAll(async () => {
  simulation = await simulate(course)
  if (days !== undefined) await tellCourse(course, simulation)
}, timeoutMs)
afterAll(async () => {
  await simulation?.penstock.end('SIGKILL')
  await simulation?.stage.close()
})

const eachPipeline = () =>
  simulation.projects.flatMap((project) => project.pipelines.map((pipeline) => ({ project, pipeline })))

test('the course had every kind of incident', () => {
  expect(
    Object.values(simulation.incidents),
    `seed ${seed}: ${JSON.stringify(simulation.incidents)}`,
  ).not.toContain(0)
})

test('every folder that is due holds what it must, and no other is there', {
  timeout: timeoutMs,
}, async () => {
  for (const { project, pipeline } of eachPipeline()) {
    const expected = naiveFolders(pipeline, project.events, simulation.stepsMs)
    const lines = new Map([...expected].map(([name, folder]) => [name, folder.lines]))
    const title = `${project.timeZone} ${pipeline.prefix}, seed ${seed}`
    expect(await readFolders(project, pipeline), title).toEqual(Object.fromEntries([...lines].sort()))
  }
})

test('verify finds no difference', { timeout: timeoutMs }, async () => {
  const verification = await openVerification(simulation.stage)
  const differences = await Promise.all(
    eachPipeline().map(({ project, pipeline }) => verification.differences(project.projectId, pipeline.name)),
  )
  await verification.close()
  expect(differences.flat()).toEqual([])
})

test('timeline tells when each day was exported, and when late events were added', {
  timeout: timeoutMs,
}, async () => {
  for (const { project, pipeline } of eachPipeline()) {
    const days = await readTimeline(simulation, project, pipeline)
    const expected = naiveFolders(pipeline, project.events, simulation.stepsMs)
    const title = `${project.timeZone} ${pipeline.prefix}, seed ${seed}`
    expect(mismatches(days, expectedSteps(expected), simulation.settings), title).toEqual([])
  }
})

/** The lines of each folder that is finished, in the form of `lineOf`, by its name. */
async function readFolders(
  { projectId, account }: SimulatedProject,
  { prefix }: SimulatedPipeline,
): Promise<Record<string, string[]>> {
  const root = `${prefix}/${projectId}/`
  const objects = await account.bucket.list(root)
  const byFolder = Map.groupBy(objects, ({ key }) => key.slice(root.length, key.lastIndexOf('/') + 1))
  const folders: Record<string, string[]> = {}
  for (const [name, inside] of byFolder) {
    const lines: string[] = []
    for (const { key } of inside) lines.push(...(await readLines(account, key)))
    const isFinished = inside.some(({ key, bytes }) => key === `${root}${name}complete` && bytes === 0)
    folders[isFinished ? name : `${name} without complete`] = lines.sort()
  }
  return folders
}

async function readLines({ bucket }: SandboxAccount, key: string): Promise<string[]> {
  if (key.endsWith('/complete')) return []
  if (!key.endsWith('.json.gz')) return [`stray ${key}`]
  return parseLines(gunzipSync((await bucket.read(key)).bytes).toString()).map(({ event, properties }) => {
    const { time, distinct_id: distinctId, $insert_id: insertId, line } = properties
    return lineOf({ name: event, timeMs: Number(time) * 1000, distinctId, insertId, line } as SimulatedEvent)
  })
}
