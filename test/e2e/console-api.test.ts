/**
 * What the console asks of a running server, from the first event to a folder that is proven, and of damage that was done to it.
 *
 * 1. Nothing is stored. `live` and `watch` are opened; events come in, some are refused: `live` tells of both.
 * 2. A pipeline exports two days. `watch` tells of its runs, `folders` that nothing is outstanding, `history` of the attempts.
 * 3. The events are found again: by user, by selection, by name.
 * 4. A file is deleted from the bucket. `verify` says which.
 * 5. The worker process is another one than the one that is asked: `watch` tells of its runs all the same.
 * 6. Another project sends events and is refused some: `live` of the first tells nothing of it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { type EventReader, type ReadEvent, readEvents } from '../support/event-reader.ts'
import type { SandboxPlace } from '../support/export-place.ts'
import {
  type Env,
  penstock,
  program,
  type RunningPenstock,
  spawnPenstock,
  startPenstock,
} from '../support/penstock-process.ts'
import { base, basic } from '../support/pipeline-server.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'
import { hasTerminal, onTerminal } from '../support/terminal.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/pipelines.md'), 'utf8')
const dates = datesOverAndDue(2)
const day = dates[1] ?? ''

let stage: ServingPlace
let place: SandboxPlace
let env: Env
let api: RunningPenstock
let worker: ReturnType<typeof spawnPenstock>
let tenant: Tenant
let name: string
const readers: EventReader[] = []
beforeAll(async () => {
  stage = await openServingPlace('console-api', { PENSTOCK_LOG_LEVEL: 'error' })
  ;({ place, env } = stage)
  api = await startPenstock(env, ['--roles', 'api'])
  worker = spawnPenstock(env, ['--roles', 'scheduler,worker'])
  tenant = await createTenant({ env, server: api, place }, 'console')
}, 120_000)
afterAll(async () => {
  for (const reader of readers) await reader.close()
  await worker?.kill('SIGTERM')
  await api?.kill('SIGTERM')
  await stage?.close()
})

const headers = () => ({ authorization: basic(`${tenant.secret}:`) })

async function call(path: string, form?: Record<string, string>) {
  const method = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }
  const answer = await fetch(api.url + path, { headers: headers(), ...method })
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  return { status: answer.status, json: (await answer.json()) as any }
}

async function open(path: string): Promise<EventReader> {
  const reader = await readEvents(api.url + path, headers())
  readers.push(reader)
  return reader
}

const event = (index: number) => ({
  event: index % 2 === 0 ? 'Viewed' : 'Signed up',
  properties: {
    time: Date.parse(`${day}T12:00:00Z`) / 1000 + index,
    distinct_id: `user-${index % 5}`,
    $insert_id: `event-${index}`,
    plan: 'pro',
  },
})

async function send(events: object[], secret = tenant.secret): Promise<void> {
  await fetch(`${api.url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
}

test('live tells of the first events, of what is refused and why, and nothing of what was in it', async () => {
  const live = await open('/api/2.0/live')
  const hello = await live.until(({ event: type }) => type === 'hello')
  expect(hello.data).toEqual({
    project_id: Number(tenant.projectId),
    has_events: false,
    last_arrival_at: null,
  })
  // From here on the server looks.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const refused = { event: 'Refused', properties: { time: 1, distinct_id: 'hidden-user', $insert_id: 'x' } }
  await send([...Array.from({ length: 20 }, (_, index) => event(index)), refused])
  // In whichever order they come.
  const told = new Map<string, ReadEvent>()
  await live.until((each) => told.set(each.event, each).has('arrivals') && told.has('refusals'))
  const arrivals = told.get('arrivals') as ReadEvent
  expect(arrivals.data.events).toBe(20)
  expect(arrivals.data.sample[0]).toMatchObject({
    event: 'Signed up',
    properties: { $insert_id: 'event-19' },
  })
  const refusals = told.get('refusals') as ReadEvent
  expect(refusals.data.refusals).toEqual([
    expect.objectContaining({ path: '/import', field: 'properties.time', count: 1 }),
  ])
  expect(JSON.stringify(refusals.data)).not.toContain('hidden-user')

  const refusedByTrack = {
    event: 'Refused',
    properties: { token: tenant.token, time: 1, distinct_id: 'hidden-user' },
  }
  await fetch(`${api.url}/track?verbose=1`, {
    method: 'POST',
    body: new URLSearchParams({ data: JSON.stringify([refusedByTrack]) }),
  })
  const track = await live.until(
    ({ event: type, data }) => type === 'refusals' && data.refusals[0].path === '/track',
  )
  expect(track.data.refusals).toHaveLength(1)
  const again = await open('/api/2.0/live')
  const known = await again.until(({ event: type }) => type === 'refusals')
  expect(known.data.refusals).toHaveLength(2)
})

test('watch tells of runs that another process works, and then nothing is outstanding', {
  timeout: 120_000,
}, async () => {
  name = await tenant.pipelines.create({ ...tenant.request(dates[0] ?? ''), to_date: day })
  const watch = await open(`${base}/watch?name=${name}`)
  const following = penstock(
    ['pipeline', 'show', name, '--secret', tenant.secret, '--url', api.url, '--follow', '--json'],
    env,
  )
  await watch.until(({ event: type, data }) => type === 'pipeline' && data.progress?.folders_done === 2)
  // No terminal: a line for each change, and the document alone on standard output.
  const { code, stdout, stderr } = await following
  expect([code, stderr]).toEqual([0, expect.stringMatching(`${name}: 2 of 2 folders done\n$`)])
  expect(JSON.parse(stdout).runs.succeeded).toHaveLength(2)
  const folders = await call(`${base}/folders?name=${name}&to_date=${day}`)
  expect(folders.json.cells.map(({ state }: { state: string }) => state)).toEqual(['delivered', 'delivered'])
  expect(folders.json.totals).toMatchObject({
    events_in_store: 20,
    events_delivered: 20,
    events_outstanding: 0,
  })
  const history = await call(`${base}/history?name=${name}&date=${day}`)
  expect(history.json.attempts).toMatchObject([{ kind: 'export', end: 'succeeded', events: 20 }])
})

test('`pipeline show` prints what the guide shows: a bar on a terminal, a line elsewhere, and the runs', async ({
  skip,
}) => {
  skip(!hasTerminal, 'util-linux is not here: no terminal can be opened')
  const args = ['pipeline', 'show', name, '--secret', tenant.secret, '--url', api.url]
  const [terminal, elsewhere, json] = await Promise.all([
    onTerminal([program, ...args, '--follow'], env),
    penstock([...args, '--follow'], env),
    onTerminal([program, ...args, '--json'], env),
  ])
  expect([terminal.code, elsewhere.code, json.code]).toEqual([0, 0, 0])
  expect(json.lines.map((line) => JSON.parse(line).name)).toEqual([name])
  const ended = elsewhere.stderr.trimEnd()
  expect(ended).toBe(`${name}: 2 of 2 folders done`)
  // A bar is drawn on a terminal alone, and the table is the same on both.
  const [bars, rest] = [true, false].map((isBar) =>
    terminal.lines.filter((line) => /^[=-]{40} /.test(line) === isBar),
  )
  expect(bars?.at(-1)).toMatch(/^=+ 100% \| /)
  expect(elsewhere.stderr).not.toContain('%')
  const runs = elsewhere.stdout.trimEnd().split('\n').slice(-3)
  expect(runs[0]).toMatch(/^FOLDER FROM/)
  expect(rest?.slice(-3)).toEqual(runs)

  const section = /^## From a terminal\n(.*?)^## /ms.exec(guide)?.[1] ?? ''
  const blocks = [...section.matchAll(/^```(?<language>\w*)\n(?<text>.*?)^```$/gms)]
  const told = blocks.flatMap(({ groups }) => (groups?.language === '' ? groups.text?.split('\n') : []))
  // What it says on the way is of larger pipelines than this one, and so is what the guide leaves out.
  const atTheEnd = told.filter((line = '') => !/running|pending|^…?$/.test(line))
  expect(atTheEnd).toHaveLength(7)
  const shown = [...terminal.lines, ended].map(withoutValues)
  for (const line of atTheEnd) expect(shown).toContain(withoutValues(line ?? ''))
})

/** Any number, columns as wide as they come, and whatever the rate. */
function withoutValues(line: string): string {
  const text = line.replaceAll(/\d[\d,]*/g, '0').replaceAll(/ {2,}/g, '  ')
  return text.replace(/, 0 events? a second/, '')
}

test('what is stored is found by user, by selection and by name', async () => {
  const recent = await call('/api/2.0/events/recent?distinct_id=user-3&limit=2')
  const ids = recent.json.events.map(({ properties }: ReturnType<typeof event>) => properties.$insert_id)
  expect(ids).toEqual(['event-18', 'event-13'])
  const preview = await call(`${base}/preview`, {
    events: 'Viewed',
    where: 'properties["distinct_id"] == "user-0"',
  })
  expect(preview.json.events.map(({ event: type }: { event: string }) => type)).toEqual(['Viewed', 'Viewed'])
  expect(preview.json).toMatchObject({ complete: true, next_to_date: null, searched_from: day })
  const schema = await call('/api/2.0/schema')
  expect(schema.json.events).toMatchObject([
    { event: 'Signed up', count: 10, days: [{ date: day, count: 10 }], exact: true },
    { event: 'Viewed', count: 10 },
  ])
  const estimate = await call(`${base}/estimate`, { from_date: dates[0] ?? '', to_date: day })
  expect(estimate.json).toMatchObject({ folders: 2, events: 20, exact: true, measured_from: 'project' })
})

test('verify reads a folder back on demand, and names what is missing from it', async () => {
  const query = { name, date: day }
  const whole = await call(`${base}/verify`, query)
  expect(whole).toMatchObject({ status: 200, json: { ok: true, files: 1, events: 20, differences: [] } })
  const { access, bucketName, bucket } = tenant.account
  const owner = new S3Client({
    ...{ region: access.region, endpoint: access.url, credentials: access.owner, forcePathStyle: true },
  })
  const [file] = (await bucket.list(whole.json.folder)).filter(({ key }) => key.endsWith('.gz'))
  await owner.send(new DeleteObjectCommand({ Bucket: bucketName, Key: file?.key }))
  owner.destroy()
  const damaged = await call(`${base}/verify`, query)
  expect(damaged.json).toMatchObject({ ok: false, differences: [{ kind: 'file missing', key: file?.key }] })
  expect((await call(`${base}/verify`, { ...query, date: '2001-01-01' })).status).toBe(404)
})

test('a connection test tells each step as it is settled, and the whole at the end', async () => {
  const { s3_bucket = '', s3_region = '', s3_role = '' } = tenant.request(day) as Record<string, string>
  const answer = await fetch(`${api.url}${base}/test`, {
    method: 'POST',
    headers: { ...headers(), accept: 'application/x-ndjson' },
    body: new URLSearchParams({ s3_bucket, s3_region, s3_role }),
  })
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = (await answer.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { result } = lines.at(-1)
  expect(result.ok).toBe(true)
  const told = new Map(lines.slice(0, -1).map(({ step }) => [step.step, step]))
  expect(result.steps.map(({ step }: { step: string }) => told.get(step))).toEqual(result.steps)
})

test('live tells nothing of what another project sends or is refused, and names no other project', async () => {
  const other = await createProject(stage.database.db, { name: 'other', timeZone: 'UTC' })
  const own = await open('/api/2.0/live')
  const others = await readEvents(`${api.url}/api/2.0/live`, { authorization: basic(`${other.apiSecret}:`) })
  readers.push(others)
  for (const reader of [own, others]) await reader.until(({ event: type }) => type === 'hello')
  // From here on the server looks, at both in one look.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const named = (name: string, id: string) => ({
    ...event(1),
    event: name,
    properties: { ...event(1).properties, $insert_id: id },
  })
  const refused = { event: 'Refused', properties: { time: 'soon', distinct_id: 'x', $insert_id: 'y' } }
  await send([named('Another', 'theirs-1'), named('Another', 'theirs-2'), refused], other.apiSecret)
  const theirs: string[] = []
  await others.until(
    (each) => theirs.push(each.event) > 0 && ['arrivals', 'refusals'].every((type) => theirs.includes(type)),
  )

  await send([named('Own', 'ours')])
  const told: ReadEvent[] = []
  await own.until((each) => told.push(each) > 0 && JSON.stringify(each.data).includes('ours'))
  const arrivals = told.filter(({ event: type }) => type === 'arrivals')
  expect(arrivals.map(({ data }) => [data.events, data.sample[0].event])).toEqual([[1, 'Own']])
  const refusals = told.filter(({ event: type }) => type === 'refusals').flatMap(({ data }) => data.refusals)
  // What it knew of itself when it was opened, and nothing since.
  expect(refusals.map(({ path }) => path).sort()).toEqual(['/import', '/track'])
  expect(JSON.stringify(told)).not.toMatch(/Another|theirs|soon/)

  const foreign = await call(`/api/2.0/live?project_id=${other.projectId}`)
  expect(foreign).toEqual({
    status: 403,
    json: { error: `the credential is not allowed for project ${other.projectId}`, status: 'error' },
  })
  for (const path of ['events/recent?distinct_id=user-1&', 'schema?'])
    expect((await call(`/api/2.0/${path}project_id=${other.projectId}`)).status).toBe(403)
})
