import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProject, listProjects } from '../../src/control/projects/manage-projects.ts'
import { setTimeZone } from '../../src/control/projects/set-time-zone.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

let place: StorePlace
let world: ExportWorld
beforeAll(async () => {
  place = await openStorePlace('zone')
  world = await createExportWorld({ ...place, startMs: 0 })
})
afterAll(() => place?.close())

test('the zone of a project can be changed until it has events or pipelines; then the refusal says why', async () => {
  const { db } = place
  const { projectId } = await createProject(db, { name: 'x', timeZone: 'UTC' })
  expect(await setTimeZone(db, projectId, 'asia/kolkata')).toBe('Asia/Kolkata')
  const zone = async () => (await listProjects(db)).find((each) => each.projectId === projectId)?.timeZone
  expect(await zone()).toBe('Asia/Kolkata')
  const fixed = (why: string) => ({
    code: 'PROJECT_TIME_ZONE_FIXED',
    message: expect.stringContaining(`keeps its time zone Asia/Kolkata: it has ${why}`),
  })
  const pipelineId = await insertPipeline(db, projectId)
  await expect(setTimeZone(db, projectId, 'UTC')).rejects.toMatchObject(fixed('pipelines'))
  await db.updateTable('pipeline').set({ state: 'removed' }).where('id', '=', pipelineId).execute()
  expect(await setTimeZone(db, projectId, 'UTC')).toBe('UTC')
  expect(await setTimeZone(db, projectId, 'Asia/Kolkata')).toBe('Asia/Kolkata')

  const { projectId: other } = await createProject(db, { name: 'other', timeZone: 'UTC' })
  const properties = { time: 1_704_067_200, distinct_id: 'ann', $insert_id: '1' }
  await world.append(projectId, 'Asia/Kolkata', [{ event: 'Viewed', properties }])
  await expect(setTimeZone(db, projectId, 'UTC')).rejects.toMatchObject(fixed('events'))
  expect(await setTimeZone(db, projectId, 'Asia/Kolkata')).toBe('Asia/Kolkata')
  expect(await setTimeZone(db, other, 'US/Pacific')).toMatch(/Pacific|Los_Angeles/)
  await expect(setTimeZone(db, other, 'Mars/Olympus')).rejects.toMatchObject({
    code: 'PROJECT_TIME_ZONE_INVALID',
  })
  await expect(setTimeZone(db, 999_999 as ProjectId, 'UTC')).rejects.toMatchObject({
    code: 'PROJECT_UNKNOWN',
  })
})
