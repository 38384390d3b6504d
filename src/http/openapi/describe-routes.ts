import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { DescribedRoute } from './openapi-document.ts'

const described = z.union([
  z.object({ querystring: z.instanceof(z.ZodType), response: z.object({ 200: z.instanceof(z.ZodType) }) }),
  z.object({ body: z.instanceof(z.ZodType), response: z.object({ 200: z.instanceof(z.ZodType) }) }),
])

/** Gathers the routes that are registered from now on, those of GET, POST and DELETE that have schemas. */
export function gatherRoutes(app: FastifyInstance): DescribedRoute[] {
  const routes: DescribedRoute[] = []
  app.addHook('onRoute', ({ method, url: path, schema }) => {
    const found = described.safeParse(schema)
    const known = (['GET', 'POST', 'DELETE'] as const).find((each) => each === method)
    if (!found.success || known === undefined) return
    const { response } = found.data
    const parameters = 'body' in found.data ? found.data.body : found.data.querystring
    routes.push({ method: known, path, parameters, answer: response[200] })
  })
  return routes
}
