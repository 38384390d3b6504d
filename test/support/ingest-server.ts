import Fastify from 'fastify'
import type { EventBatch } from '../../src/data/ingest/event-batch.ts'
import type { IngestDeps } from '../../src/http/ingest/ingest-deps.ts'
import { ingestRoutes } from '../../src/http/ingest/ingest-routes.ts'
import { answerNotServed, routerOptions } from '../../src/http/server.ts'
import type { ProjectId } from '../../src/ids.ts'
import type { ProfileUpdate } from '../../src/profiles/profile-update.ts'
import { createThreadPool, type RunInThread } from '../../src/threads/pool.ts'
import { createMemoryBuckets } from './memory-buckets.ts'
import { asTheSettingsSay, noBounds } from './quotas.ts'

export const acme = {
  id: 17 as ProjectId,
  timeZone: 'America/New_York',
  cutsStrings: false,
  quota: asTheSettingsSay,
  secret: '0123456789abcdef0123456789abcdef',
  token: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
}
export const other = {
  id: 18 as ProjectId,
  timeZone: 'Asia/Tokyo',
  cutsStrings: false,
  quota: asTheSettingsSay,
  secret: 'fedcba9876543210fedcba9876543210',
  token: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
}

export interface StoredEvent {
  projectId: number
  timeZone: string
  event: string
  properties: Record<string, unknown>
}

/** A real server with the ingest routes, a thread of its own unless `run` is given, and a store that only remembers. */
export async function startIngestServer(overrides: Partial<IngestDeps> = {}) {
  const pool = overrides.run === undefined ? createThreadPool(1) : undefined
  const stored: StoredEvent[] = []
  const profileUpdates: { projectId: ProjectId; update: ProfileUpdate }[] = []
  const projects = [acme, other]
  const app = Fastify({ routerOptions })
  app.setNotFoundHandler(answerNotServed)
  await app.register(
    ingestRoutes({
      clock: { nowMs: () => Date.now() },
      run: (pool?.run ?? overrides.run) as RunInThread,
      append: async (batch) => {
        stored.push(...readBatch(batch))
      },
      updateProfiles: async (projectId, updates) => {
        profileUpdates.push(...updates.map((update) => ({ projectId, update })))
        return []
      },
      projects: {
        bySecret: async (secret) => projects.find((project) => project.secret === secret),
        byToken: async (token) => projects.find((project) => project.token === token),
      },
      accounts: { byCredentials: async () => undefined },
      importBytesPerMinuteMax: 1024 ** 3,
      takeFromBucket: createMemoryBuckets(),
      quotas: noBounds,
      readUsage: () => Promise.reject(new Error('nothing has a bound')),
      bytesInFlightMax: 256 * 1024 ** 2,
      projectPercentMax: 50,
      ...overrides,
    }),
  )
  const url = await app.listen({ port: 0 })
  return {
    url,
    stored,
    profileUpdates,
    close: async () => {
      await app.close()
      await pool?.close()
    },
  }
}

function readBatch(batch: EventBatch): StoredEvent[] {
  const { projectId, timeZone } = batch
  const lines = new TextDecoder().decode(batch.lines).trimEnd().split('\n')
  return lines.map((line) => ({ projectId, timeZone, ...JSON.parse(line) }))
}

export const basic = (user: string, password = '') => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

let serial = 0

/** A valid event of its own for /import; `properties` replace or add to its properties. */
export function importEvent(properties: object = {}, event = 'page view') {
  serial += 1
  const time = Math.floor(Date.now() / 1000) - 3600
  return { event, properties: { time, distinct_id: 'u1', $insert_id: `id-${serial}`, ...properties } }
}

/** A valid event for /track. */
export function trackEvent(properties: object = {}, event = 'page view') {
  return { event, properties: { token: acme.token, distinct_id: 'u1', ...properties } }
}
