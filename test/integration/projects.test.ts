import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createProject,
  deleteProject,
  listProjects,
  rotateSecret,
  setCutsStrings,
} from '../../src/control/projects/manage-projects.ts'
import { createProjectDirectory } from '../../src/control/projects/project-directory.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { asTheSettingsSay } from '../support/quotas.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let nowMs = 1_700_000_000_000
const clock = { nowMs: () => nowMs }

test('a project has a token and a secret of 32 hex digits, and the database holds no secret', async () => {
  const project = await createProject(database.db, { name: 'acme', timeZone: 'Europe/Berlin' })
  expect(project.token).toMatch(/^[0-9a-f]{32}$/)
  expect(project.apiSecret).toMatch(/^[0-9a-f]{32}$/)
  const rows = await database.db
    .selectFrom('project')
    .selectAll()
    .where('id', '=', project.projectId)
    .execute()
  expect(JSON.stringify(rows)).not.toContain(project.apiSecret)
  expect(Buffer.from(rows[0]?.api_secret_hash ?? '').includes(Buffer.from(project.apiSecret, 'hex'))).toBe(
    false,
  )
})

test.each(['', '   ', 'x'.repeat(256)])('the name %j is refused', async (name) => {
  await expect(createProject(database.db, { name, timeZone: 'UTC' })).rejects.toMatchObject({
    code: 'PROJECT_NAME_INVALID',
  })
})

test.each(['Mars/Olympus', '+05:30', '', 'UTC; drop table project'])(
  'the zone %j is refused',
  async (timeZone) => {
    await expect(createProject(database.db, { name: 'x', timeZone })).rejects.toMatchObject({
      code: 'PROJECT_TIME_ZONE_INVALID',
    })
  },
)

test('a zone is kept as the IANA database spells it', async () => {
  const { projectId } = await createProject(database.db, { name: 'x', timeZone: 'europe/berlin' })
  const projects = await listProjects(database.db)
  expect(projects.find((project) => project.projectId === projectId)?.timeZone).toBe('Europe/Berlin')
})

test('secret and token find their project, and nothing else does', async () => {
  const directory = createProjectDirectory(database.db, clock)
  const project = await createProject(database.db, { name: 'x', timeZone: 'Asia/Kolkata' })
  const found = {
    id: project.projectId,
    token: project.token,
    timeZone: 'Asia/Kolkata',
    cutsStrings: false,
    quota: asTheSettingsSay,
  }
  expect(await directory.bySecret(project.apiSecret)).toEqual(found)
  expect(await directory.byToken(project.token)).toEqual(found)
  expect(await directory.bySecret(project.token)).toBeUndefined()
  expect(await directory.byToken(project.apiSecret)).toBeUndefined()
  expect(await directory.bySecret('')).toBeUndefined()
})

test('a project keeps long strings whole until it is told to cut them', async () => {
  const directory = createProjectDirectory(database.db, clock)
  const { projectId, token } = await createProject(database.db, { name: 'x', timeZone: 'UTC' })
  await setCutsStrings(database.db, projectId, true)
  expect(await directory.byToken(token)).toMatchObject({ cutsStrings: true })
  const listed = (await listProjects(database.db)).find((project) => project.projectId === projectId)
  expect(listed).toMatchObject({ cutsStrings: true })
  await expect(setCutsStrings(database.db, 999_999 as ProjectId, true)).rejects.toMatchObject({
    code: 'PROJECT_UNKNOWN',
  })
})

test('a rotated secret is refused two seconds later, also when the clock is set back', async () => {
  const directory = createProjectDirectory(database.db, clock)
  const project = await createProject(database.db, { name: 'x', timeZone: 'UTC' })
  expect(await directory.bySecret(project.apiSecret)).toBeDefined()
  const fresh = await rotateSecret(database.db, project.projectId)
  nowMs -= 3_600_000
  expect(await directory.bySecret(project.apiSecret)).toBeUndefined()
  expect(await directory.bySecret(fresh)).toBeDefined()
  await rotateSecret(database.db, project.projectId)
  nowMs += 2000
  expect(await directory.bySecret(fresh)).toBeUndefined()
})

test('a deleted project is gone, its credentials too; an unknown one is an error', async () => {
  const directory = createProjectDirectory(database.db, clock)
  const project = await createProject(database.db, { name: 'x', timeZone: 'UTC' })
  await deleteProject(database.db, project.projectId)
  expect(await directory.byToken(project.token)).toBeUndefined()
  await expect(deleteProject(database.db, project.projectId)).rejects.toMatchObject({
    code: 'PROJECT_UNKNOWN',
  })
  await expect(rotateSecret(database.db, 999_999 as ProjectId)).rejects.toMatchObject({
    code: 'PROJECT_UNKNOWN',
  })
})
