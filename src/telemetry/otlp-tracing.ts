/** Traces to a collector by OTLP over HTTP. Its endpoint, headers, sampling and batches are set by `OTEL_*`. */
import { type Context, context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { EventBatch } from '../data/ingest/event-batch.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import { settledWithin } from '../settled-within.ts'
import type { SpanOptions, Tracing } from './tracing.ts'

/** Of one commit, to the requests that share it. */
const linksMax = 64
/** A collector that is away must not hold up the end of the process. */
const flushMsMax = 3000

export function startOtlpTracing(env: Record<string, string | undefined>): Tracing {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const provider = new TracerProvider({
    resource: resourceOf(env),
    sampler: samplerOf(env),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('penstock')
  const marked = new WeakMap<EventBatch, Context>()
  return {
    isOn: true,
    span: (name, options, work) => {
      const { attributes = {} } = options
      const links = linksOf(options, marked)
      const parent = parentOf(options)
      return tracer.startActiveSpan(name, { attributes, links }, parent, async (span) => {
        try {
          return await work({ set: (more) => void span.setAttributes(more) })
        } catch (cause) {
          // The code alone: a message may tell of what the span must not.
          span.setAttribute('error.type', codeOf(cause))
          if (!isCallers(cause)) span.setStatus({ code: SpanStatusCode.ERROR })
          throw cause
        } finally {
          span.end()
        }
      })
    },
    mark: (batch) => void marked.set(batch, context.active()),
    stop: () => settledWithin(provider.shutdown(), flushMsMax),
  }
}

function resourceOf(env: Record<string, string | undefined>) {
  const own = resourceFromAttributes({ 'service.name': env.OTEL_SERVICE_NAME || 'penstock' })
  const detectors = [serviceInstanceIdDetector, envDetector]
  return defaultResource().merge(own).merge(detectResources({ detectors }))
}

/** As the specification names them; what it does not name samples everything. */
function samplerOf(env: Record<string, string | undefined>): Sampler {
  const name = env.OTEL_TRACES_SAMPLER || 'parentbased_always_on'
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG || 1)
  const share = { always_off: 0, traceidratio: ratio }[name.replace('parentbased_', '')] ?? 1
  const root = new TraceIdRatioBasedSampler(share)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

const propagator = new W3CTraceContextPropagator()

const oneHeader = {
  get: (carrier: { traceparent: string }, key: string) =>
    key === 'traceparent' ? carrier.traceparent : undefined,
  keys: () => ['traceparent'],
}

function parentOf({ traceparent, of }: SpanOptions): Context {
  if (of !== undefined) return ROOT_CONTEXT
  return traceparent === undefined
    ? context.active()
    : propagator.extract(ROOT_CONTEXT, { traceparent }, oneHeader)
}

function linksOf({ of = [] }: SpanOptions, marked: WeakMap<EventBatch, Context>) {
  return of
    .slice(0, linksMax)
    .map((batch) => trace.getSpanContext(marked.get(batch) ?? ROOT_CONTEXT))
    .filter((found) => found !== undefined)
    .map((found) => ({ context: found }))
}

/** A refused request is no failure of whoever refuses it. */
function isCallers(cause: unknown): boolean {
  return cause instanceof PenstockError && cause.kind === 'caller'
}

function codeOf(cause: unknown): string {
  return cause instanceof PenstockError ? cause.code : 'UNEXPECTED'
}
