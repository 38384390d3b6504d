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
import type { EventStore } from '../../data/store/event-store.ts'
import type { Member } from '../../data/store/member.ts'
import type { HourWindow } from '../../data/store/member-index.ts'
import type { DestinationTests } from '../../workflows/connection-test/destination-tests.ts'
import type { DescribedEvent } from '../../workflows/describe-events.ts'
import type { EventSearch, SearchedEvents } from '../../workflows/search-events.ts'
import type { VerifyOneFolder } from '../../workflows/verify-one-folder.ts'
import { logProject } from '../request-ids.ts'
import type { EventStreams } from '../server-events.ts'
import type { Credentials, PipelineAccess, PipelineProject } from './authenticate.ts'

export interface PipelineDeps extends Credentials {
  db: Kysely<Database>
  jobs: RunNudges
  clock: Clock
  limits: PipelineLimits
  /** Penstock's own identity, which customers' roles trust. */
  principalArn(): Promise<string>
  destinationTests: DestinationTests
  store: Pick<
    EventStore,
    'hourTotals' | 'rangeSize' | 'snapshot' | 'arrivals' | 'arrivedHours' | 'lastArrival'
  >
  /** Lines of members that came in just now. */
  readSample(members: readonly Member[]): Promise<string[]>
  searchEvents(search: EventSearch, signal: AbortSignal): Promise<SearchedEvents>
  describeEvents(window: HourWindow, timeZone: string, signal: AbortSignal): Promise<DescribedEvent[]>
  verifyFolder: VerifyOneFolder
  streams: EventStreams
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

const accessDecorator = 'pipelineAccess'
const projectDecorator = 'pipelineProject'

export function decorateRequests(app: PipelineApp): void {
  app.decorateRequest(accessDecorator, null)
  app.decorateRequest(projectDecorator, null)
}

export function setAccess(request: FastifyRequest, access: PipelineAccess): void {
  request.setDecorator(accessDecorator, access)
}

/** What the request's credential opens; known once it was authenticated. */
export function accessOf(request: Pick<FastifyRequest, 'getDecorator'>): PipelineAccess {
  return request.getDecorator<PipelineAccess>(accessDecorator)
}

export function setProject(request: FastifyRequest, project: PipelineProject): void {
  request.setDecorator(projectDecorator, project)
  logProject(request, project.id)
}

/** The project that the request is about; known once its parameters were read. */
export function projectOf(request: Pick<FastifyRequest, 'getDecorator'>): PipelineProject {
  return request.getDecorator<PipelineProject>(projectDecorator)
}
