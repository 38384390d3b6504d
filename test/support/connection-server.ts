/** The Data Pipelines API whose connection tests look at a sandbox that a test spoils and mends. */
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import type { DestinationTests } from '../../src/workflows/connection-test/destination-tests.ts'
import { type ConnectionLab, connectionTarget, openConnectionLab } from './connection-lab.ts'
import { fineRequest, type PipelineServer, startPipelineServer } from './pipeline-server.ts'

export interface ConnectionServer {
  lab: ConnectionLab
  server: PipelineServer
  /** Those of the server, whose rule a test may change. */
  tests: DestinationTests
  /** Asks for a pipeline into the customer's bucket. */
  create(
    project: CreatedProject,
    changes?: Record<string, string>,
  ): Promise<Awaited<ReturnType<PipelineServer['call']>>>
  /** For the next test: no pipeline, no fault, the rule and the clock as they were. */
  reset(): Promise<void>
  close(): Promise<void>
}

const connectionStartMs = Date.parse('2024-03-01T20:00:00Z')

export async function openConnectionServer(): Promise<ConnectionServer> {
  const lab = await openConnectionLab()
  const tests = lab.tests('warn')
  const server = await startPipelineServer(connectionStartMs, {}, tests)
  return {
    lab,
    server,
    tests,
    create: (project, changes = {}) =>
      server.call(project.apiSecret, 'create', { ...fineRequest, ...connectionTarget, ...changes }),
    reset: async () => {
      tests.trustMode = 'warn'
      server.clock.ms = connectionStartMs
      await server.database.db.deleteFrom('pipeline').execute()
      await lab.control.clearFaults()
    },
    close: async () => {
      await server.close()
      await lab.close()
    },
  }
}
