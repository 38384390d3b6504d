/** What is traced (OpenTelemetry): spans carry ids and counts, and never anything of an event. */
import type { EventBatch } from '../data/ingest/event-batch.ts'

type SpanAttributes = Record<string, string | number | boolean>

interface TracedSpan {
  /** What is known only once the work is under way. */
  set(attributes: SpanAttributes): void
}

export interface SpanOptions {
  attributes?: SpanAttributes
  /** The request's header of this name: a span that its sender began. */
  traceparent?: string | undefined
  /** Batches whose spans this one is about, without being below any of them. */
  of?: readonly EventBatch[]
}

export interface Tracing {
  isOn: boolean
  /** Does the work within a span, which fails where the work does. */
  span<Result>(
    name: string,
    options: SpanOptions,
    work: (span: TracedSpan) => Promise<Result>,
  ): Promise<Result>
  /** Remembers under which span the batch came in. */
  mark(batch: EventBatch): void
  /** Sends what has not been sent yet, for a moment at most. */
  stop(): Promise<void>
}

const unseen: TracedSpan = { set: () => {} }

export const noTracing: Tracing = {
  isOn: false,
  span: (_name, _options, work) => work(unseen),
  mark: () => {},
  stop: async () => {},
}
