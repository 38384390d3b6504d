/** Writes docs/openapi.json: what a server answers at /api/2.0/nessie/pipeline/openapi.json. `npm run openapi`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastify from 'fastify'
import { type ProjectApiDeps, projectApi } from '../src/http/project-api.ts'

const path = '/api/2.0/nessie/pipeline/openapi.json'

const app = fastify()
// Only the document is asked for, and that takes the routes' schemas alone.
await app.register(projectApi({ pipelines: {}, rawExport: { limits: {} } } as ProjectApiDeps), {
  prefix: '/api/2.0',
})
const document = (await app.inject(path)).json()
await writeFile(
  join(import.meta.dirname, '../docs/openapi.json'),
  `${JSON.stringify(document, undefined, 2)}\n`,
)
await app.close()
