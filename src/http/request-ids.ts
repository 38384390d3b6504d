/** What ties a failed answer to the lines that tell of it: the request's id, in both, and the project's. */
import { randomUUID } from 'node:crypto'
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { ProjectId } from '../ids.ts'

/** Options of Fastify: ids that no two processes give alike, under the name that log lines have for them. */
export function requestIds() {
  return {
    genReqId: () => randomUUID(),
    // One line a request would cost more than taking its events in; failures are logged where they are answered.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
  }
}

/** So that a client can say which request it was that failed. */
export function tellRequestId(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
}

const projects = new WeakMap<FastifyRequest, ProjectId>()

/** Undefined until its credentials have told. */
export function projectOfRequest(request: FastifyRequest): ProjectId | undefined {
  return projects.get(request)
}

/** What is logged of the request from here on names its project. */
export function logProject(request: FastifyRequest, project: ProjectId): void {
  projects.set(request, project)
  request.log = request.log.child({ project })
}
