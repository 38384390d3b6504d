import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { firstHourOf } from '../../control/pipelines/calendar-date.ts'
import type { LocalHour, ProjectId } from '../../ids.ts'
import type { ExportRange } from '../../workflows/export-range.ts'
import { type RawExportQuery, rawExportAnswer, rawExportQuery } from '../contract/raw-export.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from '../pipelines/pipeline-app.ts'
import { projectRoutes } from '../pipelines/project-routes.ts'
import { RequestError } from '../pipelines/request-error.ts'
import { firstLines, inflateLines } from './event-lines.ts'
import { createQueryLimits, type QueryLimits } from './query-limits.ts'
import { sendLines } from './send-lines.ts'
import { type ClientLimits, type ClientWatch, watchClient } from './watch-client.ts'

export interface RawExportDeps extends Pick<PipelineDeps, 'db' | 'projects' | 'accounts' | 'sessions'> {
  clock: Clock
  limits: QueryLimits & ClientLimits
  exportRange(range: ExportRange, signal: AbortSignal): AsyncGenerator<Uint8Array>
}

/** `GET /export`: the events of a range of days, one a line. Mounted below /api/2.0. */
export function rawExportRoutes(deps: RawExportDeps): FastifyPluginAsync {
  const admit = createQueryLimits(deps.db, deps.clock, deps.limits)
  return projectRoutes(deps, (app) => {
    /** Answers under way: what the server stands on stays until their ends. */
    const underWay = new Set<Promise<void>>()
    app.addHook('onClose', async () => void (await Promise.all(underWay)))
    const schema = { querystring: rawExportQuery, response: { 200: rawExportAnswer } }
    app.get('/export', { schema, exposeHeadRoute: false }, async (request, reply) => {
      const { id } = projectOf(request)
      const release = await admit(id)
      const watch = watchClient(reply, deps.limits)
      const { promise, resolve } = Promise.withResolvers<void>()
      underWay.add(promise)
      const lines = untilEnd(wantedLines(deps, id, request.query, watch), async () => {
        await release()
        underWay.delete(promise)
        resolve()
      })
      reply.raw.once('close', () => void lines.return(undefined).catch(() => undefined))
      return await sendLines(reply, lines, request.headers['accept-encoding'])
    })
    refuseOtherMethods(app)
  })
}

function wantedLines(
  { exportRange }: RawExportDeps,
  projectId: ProjectId,
  { fromDate, toDate, limit, ...range }: RawExportQuery,
  { signal, stop, guard }: ClientWatch,
): AsyncGenerator<Buffer> {
  const toHour = (firstHourOf(toDate) + 24) as LocalHour
  const window = { projectId, fromHour: firstHourOf(fromDate), toHour }
  const lines = inflateLines(exportRange({ window, ...range }, signal), stop)
  return guard(limit === undefined ? lines : firstLines(lines, limit))
}

async function* untilEnd(lines: AsyncGenerator<Buffer>, ended: () => Promise<void>): AsyncGenerator<Buffer> {
  try {
    yield* lines
  } finally {
    await ended()
  }
}

function refuseOtherMethods(app: PipelineApp): void {
  const handler = async (_request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    reply.header('allow', 'GET')
    throw new RequestError(405, 'PIPELINE_METHOD_REFUSED', 'export must be sent with GET')
  }
  app.route({ method: ['POST', 'HEAD', 'PUT', 'PATCH', 'DELETE'], url: '/export', handler })
}
