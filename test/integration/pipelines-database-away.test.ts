import fastify from 'fastify'
import { expect, test } from 'vitest'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { pipelineRoutes } from '../../src/http/pipelines/pipeline-routes.ts'
import { createEventStreams } from '../../src/http/server-events.ts'
import { everyTestPasses, principalArn } from '../support/pipeline-server.ts'
import { pipelinesStage } from '../support/pipelines-stage.ts'
import { silentLog } from '../support/silent-log.ts'

const stage = pipelinesStage()

test('while the database is away, the answer is 503 and says to try again', async () => {
  const away = connectDatabase('postgres://127.0.0.1:1/none', { applicationName: 'test', connectionsMax: 1 })
  const app = fastify()
  await app.register(
    pipelineRoutes({
      db: away.db,
      jobs: { enqueue: async () => {} },
      clock: stage.server.clock,
      log: silentLog,
      principalArn: async () => principalArn,
      projects: {
        bySecret: async () => ({ id: stage.project.projectId, token: stage.project.token, timeZone: 'UTC' }),
        byToken: async () => undefined,
      },
      accounts: { byCredentials: async () => undefined },
      sessions: { find: async () => undefined },
      limits: { backfillMonthsMax: 6, recurringMax: 2, datedMax: 1 },
      destinationTests: everyTestPasses,
      store: stage.server.store,
      readSample: () => Promise.reject(new Error('away')),
      searchEvents: () => Promise.reject(new Error('away')),
      describeEvents: () => Promise.reject(new Error('away')),
      verifyFolder: async () => undefined,
      streams: createEventStreams({ perProjectMax: 1, inAllMax: 1 }),
    }),
  )
  const folder = 'name=any&date=2024-02-20'
  const calls = [
    ...(['/jobs', '/folders?name=any', `/history?${folder}`, '/watch?name=any'] as const).map(
      (url) => ['GET', url] as const,
    ),
    ...([`/verify?${folder}`, '/estimate?from_date=2024-02-20'] as const).map(
      (url) => ['POST', url] as const,
    ),
  ]
  for (const [method, url] of calls) {
    const response = await app.inject({ method, url, headers: { authorization: 'Basic any:' } })
    expect([response.statusCode, response.headers['retry-after']], url).toEqual([503, '5'])
    expect(response.json()).toEqual({ error: expect.stringContaining('try again'), status: 'error' })
  }
  await app.close()
  await away.close()
})
