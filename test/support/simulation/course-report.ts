/** What a long simulation tells of itself while it goes on and at its end, for the record beside its test. */
import { sql } from 'kysely'
import type { Simulation, SimulationOptions } from './simulation.ts'

/** Tells of each tenth simulated day, and of how long it took to come there. */
export function tellProgress(): (nowMs: number) => void {
  const startedMs = performance.now()
  let told = 0
  return (nowMs) => {
    const decade = Math.floor(nowMs / 864_000_000)
    if (decade === told) return
    told = decade
    const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1)
    tell(`${new Date(nowMs).toISOString()} after ${minutes} min`)
  }
}

export async function tellCourse(
  { seed, days, from, timeZones, hourlyZones }: SimulationOptions,
  { stage, projects, stepsMs, incidents }: Simulation,
): Promise<void> {
  const { rows } = await sql<Record<string, number>>`
    select count(*) filter (where kind = 'export')::integer as exports,
      count(*) filter (where kind = 'sync')::integer as syncs,
      (select count(*) from folder)::integer as folders,
      (select count(*) from folder_file)::integer as files
    from run`.execute(stage.database.db)
  const events = projects.reduce((sum, project) => sum + project.events.length, 0)
  tell(
    JSON.stringify({
      seed,
      days,
      from,
      timeZones,
      hourlyZones,
      steps: stepsMs.length,
      events,
      ...rows[0],
      ...incidents,
    }),
  )
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
