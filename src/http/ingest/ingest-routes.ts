import type { FastifyPluginAsync } from 'fastify'
import { createByteGate } from './byte-gate.ts'
import { importRoutes } from './import-routes.ts'
import type { IngestDeps } from './ingest-deps.ts'
import { profileRoutes } from './profile-routes.ts'
import { createQuotaGuard } from './quota.ts'
import { createRateLimit } from './rate-limit.ts'
import { sdkRoutes } from './sdk-routes.ts'
import type { Ingest } from './take-in.ts'
import { trackRoutes } from './track-routes.ts'

/** Long enough to spare a client that sends a body twice, and shorter than clients wait for an answer. */
const standingMsMax = 2000

/** What SDKs and servers send. The routes read their bodies themselves: authenticated first, bounded, and parsed in a thread. */
export function ingestRoutes(deps: IngestDeps): FastifyPluginAsync {
  return async (app) => {
    const ingest: Ingest = {
      ...deps,
      gate: createByteGate({
        clock: deps.clock,
        bytesMax: deps.bytesInFlightMax,
        projectPercentMax: deps.projectPercentMax,
        standingMsMax: deps.standingMsMax ?? standingMsMax,
      }),
      rate: createRateLimit(deps.clock, deps.importBytesPerMinuteMax, deps.takeFromBucket),
      quota: createQuotaGuard(deps.clock, deps.quotas, deps.readUsage),
    }
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    await app.register((context) => importRoutes(context, ingest))
    await app.register((context) => trackRoutes(context, ingest))
    await app.register((context) => profileRoutes(context, ingest))
    await app.register(sdkRoutes)
  }
}
