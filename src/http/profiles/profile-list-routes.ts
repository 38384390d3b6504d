import type { FastifyPluginAsync } from 'fastify'
import { listProfiles } from '../../control/profiles/list-profiles.ts'
import {
  type ProfileListQuery,
  profileListAnswer,
  profileListQuery,
  profilePage,
} from '../contract/profile-list.ts'
import { type PipelineDeps, projectOf } from '../pipelines/pipeline-app.ts'
import { projectRoutes } from '../pipelines/project-routes.ts'

export type ProfileListDeps = Pick<PipelineDeps, 'db' | 'projects' | 'accounts' | 'sessions' | 'log'>

/**
 * `GET /engage`: what /engage and /groups have left, one profile a line, a page at a time in the order of their ids. The
 * Link header has the next page, where there may be one.
 */
export function profileListRoutes(deps: ProfileListDeps): FastifyPluginAsync {
  return projectRoutes(deps, (app) => {
    const schema = { querystring: profileListQuery, response: { 200: profileListAnswer } }
    app.get('/engage', { schema }, async (request, reply) => {
      const page = profilePage(request.query)
      const profiles = await listProfiles(deps.db, projectOf(request).id, page)
      const last = profiles.at(-1)
      if (last !== undefined && profiles.length === page.limit) {
        reply.header('link', nextLink(request.url, request.query, last.id))
      }
      const lines = profiles.map(({ id, properties }) => profileLine(page.groupKey, id, properties))
      return reply.type('application/x-ndjson').send(lines.join(''))
    })
  })
}

/** The properties are JSON already. */
function profileLine(groupKey: string, id: string, properties: string): string {
  const name =
    groupKey === ''
      ? `"$distinct_id":${JSON.stringify(id)}`
      : `"$group_key":${JSON.stringify(groupKey)},"$group_id":${JSON.stringify(id)}`
  return `{${name},"$properties":${properties}}\n`
}

function nextLink(url: string, query: ProfileListQuery, after: string): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, after })) {
    if (value !== undefined) parameters.set(name, value)
  }
  return `<${url.split('?')[0]}?${parameters}>; rel="next"`
}
