import { connectionAnswer, connectionDocument, testBody } from '../contract/connection-test.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'

/** `test`: a connection test of a destination, whether a pipeline has it or not. */
export function testRoute(app: PipelineApp, { destinationTests }: PipelineDeps): void {
  const schema = { body: testBody, response: { 200: connectionAnswer } }
  app.post('/test', { schema }, async (request) => {
    const { id: projectId, token: externalId } = projectOf(request)
    return connectionDocument(
      await destinationTests.whole({ projectId, externalId, destination: request.body }),
    )
  })
}
