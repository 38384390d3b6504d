/**
 * Writes docs/openapi.json, what a server answers at /api/2.0/nessie/pipeline/openapi.json, and the client that is generated
 * from it. `npm run openapi`.
 */
import { writeFile } from 'node:fs/promises'
import fastify from 'fastify'
import { type ProjectApiDeps, projectApi } from '../src/http/project-api.ts'
import { apiClientFile, apiDocumentFile, generateApiClient } from './api-client.ts'

const path = '/api/2.0/nessie/pipeline/openapi.json'

const app = fastify()
// Only the document is asked for, and that takes the routes' schemas alone.
await app.register(
  projectApi({
    pipelines: { streams: { stop: () => {} } },
    rawExport: { limits: {} },
    console: {},
  } as ProjectApiDeps),
)
const document = (await app.inject(path)).json()
await writeFile(apiDocumentFile, `${JSON.stringify(document, undefined, 2)}\n`)
await writeFile(apiClientFile, await generateApiClient())
await app.close()
