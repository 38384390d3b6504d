import fastify from 'fastify'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { composeSearch } from '../../src/compose-console.ts'
import type { Config } from '../../src/config/settings.ts'
import { createConsoleSessions } from '../../src/control/accounts/console-sessions.ts'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { createEventStore } from '../../src/data/store/event-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import { projectApi } from '../../src/http/project-api.ts'
import { createEventStreams } from '../../src/http/server-events.ts'
import { base, everyTestPasses, noEvents, principalArn } from '../support/pipeline-server.ts'
import { pipelinesStage } from '../support/pipelines-stage.ts'
import { silentLog } from '../support/silent-log.ts'

const stage = pipelinesStage()

test('while the database is away, the answer is 503 and says to try again', async () => {
  const away = connectDatabase('postgres://127.0.0.1:1/none', { applicationName: 'test', connectionsMax: 1 })
  const { clock } = stage.server
  const store = storeOn(away.db.withTables<IndexTables>())
  const sessions = createConsoleSessions(away.db, clock, 3_600_000)
  const app = fastify()
  await app.register(
    projectApi({
      pipelines: {
        db: away.db,
        jobs: { enqueue: async () => {} },
        clock,
        log: silentLog,
        principalArn: async () => principalArn,
        // Known from before: what they ask for is what fails.
        projects: {
          bySecret: async () => ({
            id: stage.project.projectId,
            token: stage.project.token,
            timeZone: 'UTC',
          }),
          byToken: async () => undefined,
        },
        accounts: { byCredentials: async () => undefined },
        sessions,
        limits: { backfillMonthsMax: 6, recurringMax: 2, datedMax: 1 },
        destinationTests: everyTestPasses,
        store,
        ...composeSearch({ searchesMax: 1, searchBytesMax: 1 } as Config, {
          store,
          run: () => Promise.reject(new Error('nothing is read')),
          readProfiles: async function* () {},
        }),
        verifyFolder: async () => undefined,
        streams: createEventStreams({ perProjectMax: 1, inAllMax: 1 }),
      },
      rawExport: noEvents,
      console: { sessions, signInsPerMinuteMax: 20, setupToken: undefined },
    }),
  )
  const basic = { authorization: 'Basic any:' }
  const page = { 'x-penstock-console': '1' }
  const signedIn = { ...page, cookie: `penstock=${'0'.repeat(64)}` }
  const folder = 'name=any&date=2024-02-20'
  const calls: [method: 'GET' | 'POST' | 'DELETE', url: string, headers: object, payload?: object][] = [
    ['GET', `${base}/jobs`, basic],
    ['GET', `${base}/folders?name=any`, basic],
    ['GET', `${base}/history?${folder}`, basic],
    ['GET', `${base}/watch?name=any`, basic],
    ['POST', `${base}/verify?${folder}`, basic],
    ['POST', `${base}/estimate?from_date=2024-02-20`, basic],
    ['POST', `${base}/preview?limit=5`, basic],
    ['GET', '/api/2.0/events/recent?distinct_id=ann', basic],
    ['GET', '/api/2.0/schema', basic],
    ['GET', '/api/2.0/live', basic],
    ['GET', `${base}/jobs`, signedIn],
    ['GET', '/console/session', signedIn],
    ['DELETE', '/console/session', signedIn],
    ['POST', '/console/session', page, { secret: '0'.repeat(32) }],
    ['GET', '/console/installation', {}],
    ['POST', '/console/installation', page, { setup_token: '0'.repeat(32), name: 'shop' }],
  ]
  for (const [method, url, headers, payload] of calls) {
    const response = await app.inject({
      ...{ method, url, headers: { ...headers } },
      ...(payload === undefined ? {} : { payload }),
    })
    const { statusCode, headers: answered } = response
    expect([statusCode, answered['retry-after'], answered['set-cookie']], url).toEqual([503, '5', undefined])
    expect(response.json()).toEqual({ error: expect.stringContaining('try again'), status: 'error' })
  }
  await app.close()
  await away.close()
})

/** The real one, with its index on this database. */
function storeOn(db: Kysely<IndexTables>) {
  return createEventStore({
    ...{ db, commitDb: db, clock: stage.server.clock, blobs: {} as BlobStore },
    run: () => Promise.reject(new Error('nothing is read')),
    ...{ commitWindowMs: 1, commitBytesMax: 1, waitingBytesMax: 1, commitMsMax: 1, partSizeBytes: 1 },
  })
}
