import { type Kysely, sql } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { parseTimeZone } from './manage-projects.ts'
import { projectUnknown } from './project-unknown.ts'

/**
 * Changes the zone of a project that nothing has been put into days and hours for yet, and returns its name as the IANA
 * database spells it. Serving processes know it within two seconds.
 * @throws PenstockError for an unknown zone or project, and for one that has events or pipelines, with the reason
 */
export async function setTimeZone(db: Kysely<Database>, projectId: ProjectId, text: string): Promise<string> {
  const timeZone = parseTimeZone(text)
  return await db.transaction().execute(async (tx) => {
    // Creating a pipeline locks this row too, so none can be created in between.
    const { rows } = await sql<{ time_zone: string; has_events: boolean; has_pipelines: boolean }>`
      select time_zone,
        exists (select from member where member.project_id = project.id) as has_events,
        exists (select from pipeline where pipeline.project_id = project.id and state <> 'removed') as has_pipelines
      from project
      where id = ${projectId}
      for no key update`.execute(tx)
    const [project] = rows
    if (project === undefined) throw projectUnknown(projectId)
    if (project.time_zone === timeZone) return timeZone
    if (project.has_events) throw zoneFixed(projectId, project.time_zone, 'has events', storedByHour)
    if (project.has_pipelines) throw zoneFixed(projectId, project.time_zone, 'has pipelines', plannedByHour)
    await tx.updateTable('project').set({ time_zone: timeZone }).where('id', '=', projectId).execute()
    return timeZone
  })
}

const storedByHour =
  "they are stored by the days and hours of that zone, and what was exported lies in its folders: under another zone events would be missing from some days and stand in others' folders. Create a project in the zone that you want, and send there"
const plannedByHour = 'their days and hours are planned in that zone. Cancel them first'

function zoneFixed(projectId: ProjectId, timeZone: string, has: string, why: string): PenstockError {
  return new PenstockError(
    'caller',
    'PROJECT_TIME_ZONE_FIXED',
    `project ${projectId} keeps its time zone ${timeZone}: it ${has}, and ${why}`,
  )
}
