/**
 * A back-up that is made while events come in and are merged, restored elsewhere to a moment after it.
 *
 * 1. A PostgreSQL of the operator's archives its log; a serving Penstock takes events all the time and merges as fast as it can.
 * 2. The database is backed up; more events come; a moment is chosen; more come; then the segments are copied.
 * 3. The process, the database and the segments are lost.
 * 4. The database is restored as of that moment, the index is made to fit the segments, and the store is checked.
 * 5. Every event that was acknowledged before the moment is there once, and none that was never sent.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../demo/random.ts'
import {
  type ArchivingPostgres,
  restorePostgres,
  startArchivingPostgres,
} from '../support/archiving-postgres.ts'
import { createLoyalClient } from '../support/loyal-client.ts'
import { type Env, penstock, penstockJson, startPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'

const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)

let folder: string
let database: ArchivingPostgres
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-backup-'))
  // The database's own user passes through it.
  await chmod(folder, 0o755)
  database = await startArchivingPostgres(folder)
}, 120_000)
afterAll(async () => {
  await database?.kill().catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
})

function envOf(name: string): Env {
  return {
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_DATA_DIR: join(folder, name),
    PENSTOCK_LOG_LEVEL: 'error',
    ...{ PENSTOCK_COMPACTION_INTERVAL_MS: '50', PENSTOCK_COMPACTION_DELAY_SECONDS: '0' },
  }
}

async function exportedIds(url: string, secret: string): Promise<string[]> {
  const answer = await fetch(`${url}/api/2.0/export?from_date=${day}&to_date=${day}`, {
    headers: { authorization: basic(`${secret}:`) },
  })
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  return lines.map(
    (line) => (JSON.parse(line) as { properties: { $insert_id: string } }).properties.$insert_id,
  )
}

const run = promisify(execFile)

const idsOf = (sent: { properties: { $insert_id?: unknown } }[]) =>
  sent.map(({ properties }) => String(properties.$insert_id))

test('every event that was acknowledged before the moment is there after the restore', async () => {
  const server = await startPenstock(envOf('lost'))
  const project = await penstockJson<{ api_secret: string; token: string }>(
    ['project', 'create', '--name', 'acme'],
    envOf('lost'),
  )
  const newClient = (id: number) =>
    createLoyalClient({
      ...{ id, secret: project.api_secret, token: project.token, random: createRandom(id) },
      dayStartSeconds: Date.parse(day) / 1000,
    })
  const [client, restless] = [newClient(1), newClient(2)]
  await client.send(server.url, 20)
  const sending = restless.sendTo(server.url)

  await database.backUp(join(folder, 'base'))
  await client.send(server.url, 20)
  const acknowledged = idsOf(client.sent)
  const { moment } = await database.query<{ moment: string }>('select clock_timestamp()::text as moment')
  await client.send(server.url, 20)
  await mkdir(join(folder, 'restored'))
  const copy = ['cp', '-R', join(folder, 'lost/events'), join(folder, 'restored')]
  expect(await penstock(['store', 'hold', '--', ...copy], envOf('lost'))).toMatchObject({
    code: 0,
    stderr: '',
  })
  const { wal } = await database.query<{ wal: string }>('select pg_walfile_name(pg_switch_wal()) as wal')
  await expect
    .poll(async () => (await database.query<{ done: boolean }>(isArchived(wal))).done, { timeout: 20_000 })
    .toBe(true)
  const { merged } = await database.query<{ merged: number }>(
    'select count(*)::integer as merged from segment where source_ids is not null',
  )
  expect(merged).toBeGreaterThan(0)

  await server.kill('SIGKILL')
  await sending
  await database.kill()
  await rm(join(folder, 'lost'), { recursive: true })
  await rm(join(folder, 'cluster'), { recursive: true })

  database = await restorePostgres(join(folder, 'base'), folder, moment)
  const env = envOf('restored')
  const { unfinished } = await penstockJson<{ unfinished: string[] }>(['store', 'reindex'], env)
  const check = await penstockJson<{ problems: { segmentId: string; kind: string }[]; events: number }>(
    ['store', 'check'],
    env,
  )
  // The copy may hold the beginning of a segment that was being written, of which nobody has been told anything.
  const found = check.problems.map(({ segmentId, kind }) => ({ segmentId, kind }))
  expect(found).toEqual(unfinished.map((segmentId) => ({ segmentId, kind: 'unindexed' })))
  expect(check.events).toBeGreaterThanOrEqual(acknowledged.length)

  const again = await startPenstock(env)
  const ids = await exportedIds(again.url, project.api_secret)
  const there = new Set(ids)
  expect(ids).toHaveLength(there.size)
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
  const sent = new Set(idsOf([...client.sent, ...restless.sent]))
  expect(ids.filter((id) => !sent.has(id))).toEqual([])
  expect(await again.kill('SIGTERM'), again.log()).toBe(0)
}, 180_000)

test('a data directory with the embedded database is copied whole while Penstock is stopped, and goes on elsewhere', async () => {
  const envIn = (name: string) => ({ PENSTOCK_DATA_DIR: join(folder, name), PENSTOCK_LOG_LEVEL: 'error' })
  const server = await startPenstock(envIn('embedded'))
  const project = await penstockJson<{ api_secret: string; token: string }>(
    ['project', 'create', '--name', 'acme'],
    envIn('embedded'),
  )
  const client = createLoyalClient({
    ...{ id: 1, secret: project.api_secret, token: project.token, random: createRandom(3) },
    dayStartSeconds: Date.parse(day) / 1000,
  })
  await client.send(server.url, 10)
  expect(await server.kill('SIGTERM'), server.log()).toBe(0)
  // It keeps the files' owners: the database has a user of its own.
  await run('cp', ['-a', join(folder, 'embedded'), join(folder, 'moved')])
  await rm(join(folder, 'embedded'), { recursive: true })

  const check = await penstockJson<{ problems: unknown[] }>(['store', 'check'], envIn('moved'))
  expect(check.problems).toEqual([])
  const again = await startPenstock(envIn('moved'))
  expect((await exportedIds(again.url, project.api_secret)).toSorted()).toEqual(idsOf(client.sent).toSorted())
  expect(await again.kill('SIGTERM'), again.log()).toBe(0)
}, 120_000)

function isArchived(wal: string): string {
  return `select coalesce(last_archived_wal >= '${wal}', false) as done from pg_stat_archiver`
}
