/** The answers of the HTTP API, as its own contract has them. Types alone: nothing of the server comes into the page. */
import type { z } from 'zod'
import type { setupAnswer } from '../../../src/http/contract/aws-setup.ts'
import type { connectionAnswer } from '../../../src/http/contract/connection-test.ts'
import type { sessionAnswer } from '../../../src/http/contract/console-session.ts'
import type { schemaAnswer } from '../../../src/http/contract/event-schema.ts'
import type { estimateAnswer, searchAnswer } from '../../../src/http/contract/event-search.ts'
import type { foldersAnswer } from '../../../src/http/contract/folder-calendar.ts'
import type { historyAnswer, verifyAnswer } from '../../../src/http/contract/folder-history.ts'
import type { installationAnswer, setUpAnswer } from '../../../src/http/contract/installation.ts'
import type {
  liveArrivals,
  liveEnd,
  liveHello,
  liveRefusals,
} from '../../../src/http/contract/live-events.ts'
import type {
  createAnswer,
  jobsAnswer,
  manifestAnswer,
  statusRuns,
} from '../../../src/http/contract/pipeline-answers.ts'
import type {
  watchEnd,
  watchedFolder,
  watchedLate,
  watchedPipeline,
} from '../../../src/http/contract/pipeline-watch.ts'
import type { testLine } from '../../../src/http/contract/streamed-test.ts'

export type SessionAnswer = z.output<typeof sessionAnswer>
export type SessionProject = SessionAnswer['projects'][number]

export type InstallationAnswer = z.output<typeof installationAnswer>
export type SetUpAnswer = z.output<typeof setUpAnswer>

export type JobsAnswer = z.output<typeof jobsAnswer>
export type PipelineJob = JobsAnswer[string][number]
export type PipelineProgress = NonNullable<PipelineJob['progress']>
export type StatusRuns = z.output<typeof statusRuns>
export type RunEntry = NonNullable<StatusRuns['failed']>[number]
export type CreateAnswer = z.output<typeof createAnswer>
export type SetupAnswer = z.output<typeof setupAnswer>
export type ManifestAnswer = z.output<typeof manifestAnswer>

export type ConnectionAnswer = z.output<typeof connectionAnswer>
export type TestedStep = ConnectionAnswer['steps'][number]
export type TestLine = z.output<typeof testLine>

export type FoldersAnswer = z.output<typeof foldersAnswer>
export type FolderCell = FoldersAnswer['cells'][number]
export type FolderState = FolderCell['state']
export type HistoryAnswer = z.output<typeof historyAnswer>
export type VerifyAnswer = z.output<typeof verifyAnswer>

export type WatchedPipeline = z.output<typeof watchedPipeline>
export type WatchedRun = WatchedPipeline['runs'][number]
export type WatchedFolder = z.output<typeof watchedFolder>
export type WatchedLate = z.output<typeof watchedLate>
export type WatchEnd = z.output<typeof watchEnd>

export type SearchAnswer = z.output<typeof searchAnswer>
export type StoredEvent = SearchAnswer['events'][number]
export type EstimateAnswer = z.output<typeof estimateAnswer>
export type SchemaAnswer = z.output<typeof schemaAnswer>
export type LiveHello = z.output<typeof liveHello>
export type LiveArrivals = z.output<typeof liveArrivals>
export type LiveRefusals = z.output<typeof liveRefusals>
export type Refusal = LiveRefusals['refusals'][number]
export type LiveEnd = z.output<typeof liveEnd>
