import { noTracing, type Tracing } from './tracing.ts'

/**
 * Off unless the environment names a collector, and then nothing of OpenTelemetry is loaded.
 * @param env `OTEL_*`, as every OpenTelemetry SDK reads it
 */
export async function startTracing(env: Record<string, string | undefined>): Promise<Tracing> {
  if (!isWanted(env)) return noTracing
  const { startOtlpTracing } = await import('./otlp-tracing.ts')
  return startOtlpTracing(env)
}

function isWanted(env: Record<string, string | undefined>): boolean {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false
  return env.OTEL_TRACES_EXPORTER !== 'none'
}
