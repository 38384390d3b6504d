import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../control/db/tables.ts'
import type { RunNudges } from '../../control/jobs/run-jobs.ts'
import type { PipelineLimits } from '../../control/pipelines/check-request.ts'
import type { PipelineProject, ProjectCredentials } from './authenticate.ts'

export interface PipelineDeps {
  db: Kysely<Database>
  jobs: RunNudges
  clock: Clock
  projects: ProjectCredentials
  limits: PipelineLimits
  /** Penstock's own identity, which customers' roles trust. */
  principalArn(): Promise<string>
  log: Logger
}

/** Fastify whose handlers get what the routes' schemas make of the parameters. */
export type PipelineApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Parameters of the call whose empty value means something else than an absent one. */
    clearableParameters?: readonly string[]
  }
}

const decorator = 'pipelineProject'

export function decorateWithProject(app: PipelineApp): void {
  app.decorateRequest(decorator, null)
}

export function setProject(request: FastifyRequest, project: PipelineProject): void {
  request.setDecorator(decorator, project)
}

/** The project whose credential the request carries; there is one once the request was authenticated. */
export function projectOf(request: Pick<FastifyRequest, 'getDecorator'>): PipelineProject {
  return request.getDecorator<PipelineProject>(decorator)
}
