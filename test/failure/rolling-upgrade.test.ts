/**
 * A version is upgraded one process at a time, on one database and one event store, while events come in.
 *
 * 1. The version before serves; a pipeline exports days that are over.
 * 2. The next version starts beside it and migrates the database, while clients send to the version before.
 * 3. The version before is killed and started again: it takes events and exports, on a database that is newer than it is.
 * 4. It ends at SIGTERM, and the next version goes on alone.
 *
 * The version before is this one, and the next is this one with a migration more, of the kinds that a migration beside
 * running programs may be. PENSTOCK_VERSION_BEFORE names a clone of an earlier version to be upgraded to this one instead.
 */
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEmptyDatabase } from '../support/database.ts'
import { openSandboxPlace, type SandboxPlace } from '../support/export-place.ts'
import { basic } from '../support/ingest-server.ts'
import {
  type Env,
  penstockJson,
  program,
  type RunningPenstock,
  startPenstock,
} from '../support/penstock-process.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { datesOverAndDue } from '../support/tenant.ts'

const clone = join(import.meta.dirname, '../..')
const earlier = process.env.PENSTOCK_VERSION_BEFORE
const dates = datesOverAndDue(5)

let folder: string
let database: { url: string; drop(): Promise<void> }
let place: SandboxPlace
let env: Env
let versions: { before: string; next: string }
const running = new Set<RunningPenstock>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-upgrade-'))
  database = await createEmptyDatabase()
  place = await openSandboxPlace(folder)
  env = {
    ...place.env,
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_RAW_EXPORTS_PER_SECOND_MAX: '100',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '200',
    PENSTOCK_RUN_POLL_MS: '100',
  }
  versions =
    earlier === undefined
      ? { before: program, next: await makeNextVersion() }
      : { before: join(earlier, 'bin/penstock'), next: program }
})
afterAll(async () => {
  for (const one of running) await one.kill('SIGKILL')
  await place?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

async function makeNextVersion(): Promise<string> {
  const next = join(folder, 'next')
  for (const part of ['bin', 'src', 'migrations', 'package.json']) {
    await cp(join(clone, part), join(next, part), { recursive: true })
  }
  await symlink(join(clone, 'node_modules'), join(next, 'node_modules'))
  await writeFile(
    join(next, 'migrations/9000-of-the-next-version.sql'),
    `-- Beside it, programs as of 0023 go on working.
    create table of_the_next_version (id integer primary key);
    alter table segment add column next_text text;
    alter table member add column next_number bigint;
    alter table run add column next_flag boolean not null default false;
    alter table pipeline add column next_state text not null default 'fine';
    create index member_next on member (next_number) where next_number is not null;`,
  )
  return join(next, 'bin/penstock')
}

async function start(version: string): Promise<RunningPenstock> {
  const one = await startPenstock(env, [], version)
  running.add(one)
  return one
}

async function newestMigration(): Promise<number> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ newest: number }>('select max(number) as newest from migration')
  await client.end()
  return rows[0]?.newest ?? 0
}

/** Sends event after event to whatever process is current, again where it is not answered 200, and notes what is. */
function openClient(secret: string) {
  const acknowledged = new Set<string>()
  let url = ''
  let serial = 0
  let stopped = false
  const sendOne = async () => {
    const id = `event-${serial++}`
    const time = Date.parse(dates[serial % dates.length] ?? '') / 1000 + serial
    const event = { event: 'sent', properties: { time, distinct_id: 'ann', $insert_id: id } }
    while (!stopped && !acknowledged.has(id)) {
      const answer = await fetch(`${url}/import?strict=1`, {
        method: 'POST',
        headers: { ...basic(secret), 'content-type': 'application/json' },
        body: JSON.stringify([event]),
      }).catch(() => undefined)
      await answer?.text()
      if (answer?.status === 200) acknowledged.add(id)
    }
  }
  const sending = async () => {
    while (!stopped) await sendOne()
  }
  let work: Promise<unknown> = Promise.resolve()
  return {
    acknowledged,
    begin: (to: string) => {
      url = to
      work = Promise.all([sending(), sending()])
    },
    sendTo: (to: string) => {
      url = to
    },
    /** Resolves when so many more have been acknowledged. */
    more: async (count: number) => {
      const wanted = acknowledged.size + count
      await expect
        .poll(() => acknowledged.size, { timeout: 60_000, interval: 20 })
        .toBeGreaterThanOrEqual(wanted)
    },
    stop: async () => {
      stopped = true
      await work
    },
  }
}

/** The ids of all events that a process exports. */
async function exported({ url }: RunningPenstock, secret: string): Promise<Set<string>> {
  const query = new URLSearchParams({ from_date: dates[0] ?? '', to_date: dates.at(-1) ?? '' })
  const answer = await fetch(`${url}/api/2.0/export?${query}`, { headers: basic(secret) })
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  expect(answer.status).toBe(200)
  const ids = lines.map((line) => JSON.parse(line).properties.$insert_id as string)
  expect(new Set(ids).size).toBe(ids.length)
  return new Set(ids)
}

const missing = (acknowledged: Set<string>, found: Set<string>) =>
  [...acknowledged].filter((id) => !found.has(id))

test('nothing that was acknowledged is lost, and both versions work beside each other', {
  timeout: 300_000,
}, async () => {
  const before = await start(versions.before)
  const olds = await newestMigration()
  const project = await penstockJson<{ project_id: number; token: string; api_secret: string }>(
    ['project', 'create', '--name', 'acme'],
    env,
    versions.before,
  )
  const secret = project.api_secret
  const account = await place.admit(project.token)
  const client = openClient(secret)
  client.begin(before.url)
  await client.more(20)
  const pipelines = pipelinesClient(before.url, secret)
  const created = await pipelines.call('create', {
    type: 's3-raw',
    from_date: dates[0] ?? '',
    s3_bucket: account.bucketName,
    s3_region: account.region,
    s3_prefix: account.prefix,
    s3_role: account.role,
  })
  expect(created).toMatchObject({ status: 200 })

  const next = await start(versions.next)
  expect(await newestMigration()).toBeGreaterThan(olds)
  await client.more(20)
  client.sendTo(next.url)
  await client.more(20)

  await before.kill('SIGKILL')
  const again = await start(versions.before)
  client.sendTo(again.url)
  await client.more(20)
  const sofar = new Set(client.acknowledged)
  expect(missing(sofar, await exported(again, secret))).toEqual([])
  expect(missing(sofar, await exported(next, secret))).toEqual([])
  expect(Object.keys(await pipelinesClient(again.url, secret).settled('events-daily-s3-raw'))).toEqual([
    'succeeded',
  ])

  client.sendTo(next.url)
  expect(await again.kill('SIGTERM')).toBe(0)
  await client.more(20)
  await client.stop()
  expect(missing(client.acknowledged, await exported(next, secret))).toEqual([])
  for (const date of dates) {
    const day = `${account.prefix}/${project.project_id}/${date.replaceAll('-', '/')}/full_day/`
    expect((await account.bucket.list(day)).map(({ key }) => key)).toContain(`${day}complete`)
  }
  expect(await next.kill('SIGTERM')).toBe(0)
})
