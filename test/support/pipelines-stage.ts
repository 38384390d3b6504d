/** The Data Pipelines API with a fresh project in US/Pacific for each test, on 1 March 2024 at noon of its zone. */
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { claimRun } from '../../src/control/runs/claim-run.ts'
import { succeedRun } from '../../src/control/runs/finish-run.ts'
import type { RunId } from '../../src/ids.ts'
import { fineRequest, type PipelineServer, startPipelineServer } from './pipeline-server.ts'

type Form = Record<string, string | string[]>

export const startMs = Date.parse('2024-03-01T20:00:00Z')

/** To be called once in a test file. */
export function pipelinesStage() {
  let server: PipelineServer
  let project: CreatedProject
  beforeAll(async () => {
    server = await startPipelineServer(startMs)
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    project = await server.project('US/Pacific')
    server.nudged.length = 0
    server.clock.ms = startMs
  })
  const call = (name: string, form?: Form) => server.call(project.apiSecret, name, form)
  const claim = async (runId: RunId) => {
    const hold = await claimRun(server.database.db, { runId, workerId: 'w', leaseMs: 1000, nowMs: startMs })
    if (hold === undefined) throw new Error('not claimed')
    return hold
  }
  return {
    get server() {
      return server
    },
    get project() {
      return project
    },
    call,
    create: (changes: Form = {}) => call('create', { ...fineRequest, ...changes }),
    rowOf: (name: string) =>
      server.database.db
        .selectFrom('pipeline')
        .selectAll()
        .where('project_id', '=', project.projectId)
        .where('name', '=', name)
        .executeTakeFirstOrThrow(),
    claim,
    succeed: async (runId: RunId): Promise<void> => {
      const result = { files: 1, events: 20, bytes: 300, nowMs: startMs }
      expect(await succeedRun(server.database.db, await claim(runId), result)).toBe(true)
    },
  }
}
