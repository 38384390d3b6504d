/** What `timeline` tells of a simulated pipeline, held against when things must have happened. */
import { pipelinesClient } from '../pipelines-client.ts'
import type { NaiveFolder } from './naive-folders.ts'
import type { SimulatedPipeline, SimulatedProject } from './simulated-project.ts'
import type { Simulation } from './simulation.ts'

/** The clock runs on from what it was set to, while a step is worked. */
const stepMaxMs = 600_000

interface DaySync {
  date: string
  sync_times: string[]
  status: string
}

export async function readTimeline(
  { penstock }: Simulation,
  { apiSecret }: SimulatedProject,
  { name }: SimulatedPipeline,
): Promise<DaySync[]> {
  const { json } = await pipelinesClient(penstock.url, apiSecret).call(`timeline?name=${name}`)
  return json.day_syncs
}

/** Steps in which something was written to a folder of each date, `YYYY/MM/DD`; a step as often as there were folders. */
export function expectedSteps(folders: ReadonlyMap<string, NaiveFolder>): Map<string, number[]> {
  const byDate = Map.groupBy(folders, ([name]) => name.slice(0, 10))
  return new Map([...byDate].map(([date, inside]) => [date, inside.flatMap(([, { steps }]) => steps)]))
}

/** Days that are missing or too many, and times that are told and belong to no step, or the other way round. */
export function mismatches(
  told: readonly DaySync[],
  expected: ReadonlyMap<string, number[]>,
  settings: readonly number[][],
): string[] {
  const untold = new Set(expected.keys())
  const found = told.flatMap(({ date, sync_times: times, status }, index) => {
    const day = date.slice(0, 10).replaceAll('-', '/')
    untold.delete(day)
    const steps = [...(expected.get(day) ?? [])]
    const strange = times.filter((time) => !takeStepOf(parseTime(time), steps, settings))
    // Of the last day some hours may be to come.
    const isWrong = status !== 'synced' && index < told.length - 1
    return [
      ...(isWrong ? [`${day} is told as ${status}`] : []),
      ...strange.map((time) => `${day}: ${time} is told and was not expected`),
      ...steps.map(
        (step) => `${day}: step ${step} (${new Date(settings[step]?.[0] ?? 0).toISOString()}) is not told`,
      ),
    ]
  })
  return [...found, ...[...untold].map((day) => `${day} is not told`)]
}

function takeStepOf(timeMs: number, steps: number[], settings: readonly number[][]): boolean {
  const isIn = (setMs: number) => timeMs >= setMs && timeMs < setMs + stepMaxMs
  const place = steps.findIndex((step) => settings[step]?.some(isIn))
  if (place < 0) return false
  steps.splice(place, 1)
  return true
}

/** Like `2024-03-10 14:27:46.044 -0400 EDT`. */
function parseTime(text: string): number {
  const [, date, time, hours, minutes] = /^(\S+) (\S+) ([+-]\d\d)(\d\d) /.exec(text) ?? []
  return Date.parse(`${date}T${time}${hours}:${minutes}`)
}
