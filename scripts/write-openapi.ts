/** Writes docs/openapi.json: what a server answers at /api/2.0/nessie/pipeline/openapi.json. `npm run openapi`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastify from 'fastify'
import type { PipelineDeps } from '../src/http/pipelines/pipeline-app.ts'
import { pipelineRoutes } from '../src/http/pipelines/pipeline-routes.ts'

const prefix = '/api/2.0/nessie/pipeline'

const app = fastify()
// Only the document is asked for, and that takes the routes' schemas alone.
await app.register(pipelineRoutes({} as PipelineDeps), { prefix })
const document = (await app.inject(`${prefix}/openapi.json`)).json()
await writeFile(
  join(import.meta.dirname, '../docs/openapi.json'),
  `${JSON.stringify(document, undefined, 2)}\n`,
)
await app.close()
