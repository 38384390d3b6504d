/**
 * `serve` is killed at random moments while clients send to it.
 *
 * 1. A project, and a customer's account that lets it in.
 * 2. Fifty lives: `serve` starts on the same data directory, four clients send, and at a random moment, sometimes before it
 *    takes events, it is killed; at every fifth life its database is killed with it.
 * 3. Clients send again what was not answered with success.
 * 4. The day is exported: each event that was ever sent is there once, and nothing else.
 * 5. The store has no damage. Its index is rebuilt, and the day exported again: the same events.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { expectedEvent } from '../../demo/expected-event.ts'
import { createRandom } from '../../demo/random.ts'
import { openSandboxPlace } from '../support/export-place.ts'
import { killDatabase } from '../support/kill-database.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import {
  penstockJson,
  type StartingPenstock,
  spawnPenstock,
  startPenstock,
} from '../support/penstock-process.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { byInsertId, withoutStamp } from '../support/stamped-events.ts'

const lives = 50
const clientCount = 4
/** The longest life, in times of what the first start took: so some lives end before they take events, on any machine. */
const startsPerLife = 2.5
const seed = Date.now() % 1_000_000

test('of what was answered 200 nothing is lost, and of what was sent again nothing is there twice', {
  timeout: 600_000,
}, async () => {
  process.stdout.write(`serve-kill: seed ${seed}\n`)
  const random = createRandom(seed)
  const folder = await mkdtemp(join(tmpdir(), 'penstock-serve-kill-'))
  const dataDir = await mkdtemp(join(tmpdir(), 'penstock-serve-kill-data-'))
  const place = await openSandboxPlace(folder)
  const env = {
    ...place.env,
    PENSTOCK_DATA_DIR: dataDir,
    PENSTOCK_LOG_LEVEL: 'error',
    // What was answered is merged at once, so that kills meet merges too.
    PENSTOCK_COMPACTION_DELAY_SECONDS: '0',
    PENSTOCK_COMPACTION_INTERVAL_MS: '100',
  }
  // Over for long enough that its folder is due, whatever the time is.
  const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)
  const project = await penstockJson<{ project_id: number; token: string; api_secret: string }>(
    ['project', 'create', '--name', 'killed'],
    env,
  )
  const account = await place.admit(project.token)
  const clients = Array.from({ length: clientCount }, (_, id) =>
    createLoyalClient({
      id,
      secret: project.api_secret,
      token: project.token,
      dayStartSeconds: Date.parse(day) / 1000,
      random,
    }),
  )

  let running: StartingPenstock | undefined
  try {
    const startedMs = performance.now()
    await (await startPenstock(env)).kill('SIGKILL')
    const lifeMsMax = Math.ceil((performance.now() - startedMs) * startsPerLife)
    for (let life = 1; life <= lives; life++) {
      const server = spawnPenstock(env)
      running = server
      const sending = server.ready.then((url) =>
        url === undefined ? [] : Promise.all(clients.map((client) => client.sendTo(url))),
      )
      await sleep(random.whole(0, lifeMsMax))
      if (life % 5 === 0) await killDatabase(dataDir)
      expect(await server.kill('SIGKILL'), server.log()).toBeNull()
      await sending
    }

    const server = await startPenstock(env)
    running = server
    await Promise.all(clients.map((client) => client.settle(server.url)))
    const pipelines = pipelinesClient(server.url, project.api_secret)
    const path = `${account.prefix}/${project.project_id}/${day.replaceAll('-', '/')}/full_day/`
    const sent = clients.flatMap((client) => client.sent)
    const expectExported = async (): Promise<void> => {
      const name = await pipelines.create({
        type: 's3-raw',
        from_date: day,
        s3_bucket: account.bucketName,
        s3_region: account.region,
        s3_prefix: account.prefix,
        s3_role: account.role,
      })
      expect(Object.keys(await pipelines.settled(name, 120_000))).toEqual(['succeeded'])
      const exported = await account.bucket.events(path)
      expect(byInsertId(exported.map(withoutStamp))).toEqual(byInsertId(sent.map(expectedEvent)))
      expect((await pipelines.call('cancel', { name })).status).toBe(200)
    }
    await expectExported()
    // Nothing that was answered is damaged; and what the index lost it gets back, each event once.
    const { problems } = await penstockJson<{ problems: { kind: string }[] }>(['store', 'check'], env)
    expect(problems.filter(({ kind }) => kind !== 'unindexed')).toEqual([])
    expect(await penstockJson(['store', 'reindex'], env)).toMatchObject({ damaged: [] })
    await expectExported()
    const answered = clients.reduce((sum, { counts }) => sum + counts.answered, 0)
    const repeated = clients.reduce((sum, { counts }) => sum + counts.repeated, 0)
    process.stdout.write(
      `serve-kill: ${answered} requests answered, ${repeated} sent again, ${sent.length} events\n`,
    )
    // Or the kills would have met nothing.
    expect(answered).toBeGreaterThan(lives)
    expect(repeated).toBeGreaterThan(0)
    expect(await server.kill('SIGTERM')).toBe(0)
  } finally {
    await running?.kill('SIGKILL')
    await place.close()
    await killDatabase(dataDir)
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})
